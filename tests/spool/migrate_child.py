"""Opens a spool, whatever version it has, and closes it. Run under strace to be killed.

Usage: python -m tests.spool.migrate_child DIRECTORY
"""

import sys
from pathlib import Path

from tests.spool.support import StillClock, open_spool

if __name__ == "__main__":
    open_spool(Path(sys.argv[1]), StillClock()).close()
