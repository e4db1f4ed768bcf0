"""What tests in a browser need beside the browser: axe-core, which looks for what people with a handicap miss."""
