"""`python -m tests.installer.setup.soon_steady run --config FILE`: an agent that takes a save for good after a second.

How long all must be well before a candidate stays is what tests/settings/test_gate.py shows.
"""

import sys

from agent.cli import main
from agent.settings import gate

if __name__ == "__main__":
    gate.STEADY_S = 1.0
    sys.exit(main())
