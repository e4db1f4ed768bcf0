"""`python -m agent` is `camera-agent`."""

import sys

from agent.cli import main

sys.exit(main())
