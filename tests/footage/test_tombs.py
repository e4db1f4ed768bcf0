"""What is known of removed segments, when somebody was at the file."""

from pathlib import Path

import pytest

from agent.footage.holes import read_holes
from agent.footage.tombs import NAME, read_tombs

SEAL = '{"epoch": "00000001-a", "seq": SEQ, "sha256": "s", "link": "l", "before": "b", "kind": "not_kept", "count": 1}'


@pytest.mark.parametrize("line", ["[" * 100_000, SEAL.replace("SEQ", "1e999"), "7", "", "\x00", SEAL[:30]])
def test_a_line_that_says_nothing_is_passed_over(line: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(f"{line}\n{SEAL.replace('SEQ', '3')}\n")
    assert [seal.seq for seal in read_tombs(tmp_path).values()] == [3]
    assert [hole.seq for hole in read_holes(tmp_path)] == [3]
