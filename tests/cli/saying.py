"""`camera-agent` in this process, as a terminal would have seen it: a process of its own costs a second each time."""

import io
import logging
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from agent.cli import main

ROOT = Path(__file__).parent.parent.parent


def said(*arguments: str, language: str = "en") -> "subprocess.CompletedProcess[str]":
    """What it printed, and its exit code; nobody types anything; a traceback is the test's own."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("CAMERA_AGENT_LANG", language)
        patch.setattr("sys.stdin", io.StringIO())
        patch.chdir(ROOT)
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            logging.disable(logging.NOTSET)  # `wipe` silences it, which a process takes along when it ends
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
