"""What the ward server sees: topics, messages, fault texts. The one place that defines it."""
