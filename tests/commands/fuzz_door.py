"""The door under atheris: by coverage, for as long as it is let. `make fuzz`, or

python -m tests.commands.fuzz_door SECONDS [CORPUS]

The first byte chooses the command, the second whether it is retained, signed, and heard with a right clock; the rest is
its body. Signed bodies go through the canonical form, so that mutations reach what lies behind the signature. Ends with
a failure at the first input of which something does not hold, and leaves that input in a file.
"""

import contextlib
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["agent.commands", "agent.contract", "rfc8785", "json"]):
    from tests.commands.fuzzing import COMMANDS_AND_MORE, FuzzedDoor, valid

RETAINED, SIGNED, TRUSTED = 1, 2, 4
TOLD_EVERY_S = 30.0


def main() -> None:
    """Runs until the time is over."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300.0
    corpus = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="fuzz-door-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(COMMANDS_AND_MORE):
        seed = bytes([number, SIGNED | TRUSTED]) + json.dumps(valid(name)).encode()
        (corpus / f"seed-{number}").write_bytes(seed)
    door = FuzzedDoor(Path(tempfile.mkdtemp(prefix="fuzz-door-state-")))
    begin_s = told_s = time.monotonic()

    def one(data: bytes) -> None:
        nonlocal told_s
        if len(data) < 2:
            return
        name, flags, body = COMMANDS_AND_MORE[data[0] % len(COMMANDS_AND_MORE)], data[1], data[2:]
        door.clock.right = bool(flags & TRUSTED)
        if flags & SIGNED:
            with contextlib.suppress(ValueError, RecursionError):
                body = door.written(name, json.loads(body), True)
        door.hear(name, body, bool(flags & RETAINED))
        if (now_s := time.monotonic()) - told_s > TOLD_EVERY_S:
            told_s = now_s
            sys.stderr.write(
                f"{now_s - begin_s:.0f} s, {door.heard} messages: {door.inbox.accepted} taken, "
                f"{dict(door.inbox.refused)}, {door.inbox.unanswered} without an answer\n"
            )

    logging.disable()
    arguments = [sys.argv[0], f"-max_total_time={seconds:.0f}", "-max_len=70000", "-len_control=100", str(corpus)]
    atheris.Setup(arguments, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
