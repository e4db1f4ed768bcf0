"""`python -m tests.app.sure_clock run --config FILE`: the agent on a machine whose clock is known to be right.

Where tests run nobody sets a clock, and most commands wait for one that is.
"""

import sys
from pathlib import Path

import agent.clock
from agent.cli import main

if __name__ == "__main__":
    agent.clock.SYNC_MARKER = Path(__file__)
    sys.exit(main())
