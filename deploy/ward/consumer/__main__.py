"""`python -m deploy.ward.consumer`, or `python -m consumer` where the folder was copied to."""

import sys

from .cli import main

sys.exit(main())
