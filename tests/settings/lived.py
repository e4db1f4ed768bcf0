"""The life of what a node keeps of its configurations, without the node: `python -m tests.settings.lived FILE`.

The ward applies two; the first proves itself, the second does not. What is promised is printed once it is true.
"""

import sys
from pathlib import Path

from agent.i18n import Text
from agent.settings import Keeping
from tests.settings.asking import changed
from tests.settings.test_opening import trial


def main(file: Path) -> None:
    keeping = begun(file)
    keeping.healthy()
    keeping.propose(trial("01H00000000000000000000001"), changed(file, analysis_fps=2.0))
    begun(file).proved()
    say("proved")
    keeping = begun(file)
    keeping.told(keeping.untold()[0])
    keeping.propose(trial("01H00000000000000000000002"), changed(file, analysis_fps=3.0))
    begun(file).failed(Text(en="camera gate gives no picture", vi="camera gate không cho hình"))
    say("failed")
    keeping = begun(file)
    keeping.told(keeping.untold()[0])
    say("told")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def begun(file: Path) -> Keeping:
    keeping = Keeping(file, {})
    keeping.begin("boot")
    return keeping


if __name__ == "__main__":
    main(Path(sys.argv[1]))
