"""`python -m tests.ward.consumer.hasty`: the consumer, but that it rests for two seconds at most before a new try."""

import sys

from deploy.ward.consumer import run
from deploy.ward.consumer.cli import main

run.LONGEST_REST_S = 2.0
sys.exit(main())
