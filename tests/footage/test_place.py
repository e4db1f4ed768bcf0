import pytest

from agent.clock import NS
from agent.footage.place import Span, holes


def span(start_s: float, end_s: float, cause: str = "") -> Span:
    return Span(round(start_s * NS), round(end_s * NS), cause)


@pytest.mark.parametrize(
    ("present", "known", "length_s", "expected"),
    [
        ([span(-1, 12)], [], 10, []),
        ([], [], 10, [span(0, 10, "no_footage")]),
        ([span(0.4, 9.6)], [], 10, []),  # less than half a second is the distance of two pictures
        ([span(2, 10, "restart")], [], 10, [span(0, 2, "restart")]),
        ([span(0, 3), span(5, 10, "reconnect")], [], 10, [span(3, 5, "reconnect")]),
        ([span(0, 3)], [], 10, [span(3, 10, "no_footage")]),
        ([span(-5, -1)], [], 0.4, [span(0, 0.4, "no_footage")]),  # a short range in a long hole
        ([span(-5, 1), span(9, 12, "reconnect")], [span(2, 4, "damaged")], 8, [
            span(1, 2, "reconnect"), span(2, 4, "damaged"), span(4, 8, "reconnect"),
        ]),
        ([span(4, 9)], [span(-2, 2, "format_changed"), span(2, 4, "format_changed")], 9, [
            span(0, 4, "format_changed"),
        ]),
        ([span(0, 1), span(3, 6, "x")], [span(1.2, 2.9, "damaged")], 6, [span(1, 3, "damaged")]),
    ],
)  # fmt: skip
def test_what_is_missing_and_why(present: list[Span], known: list[Span], length_s: float, expected: list[Span]) -> None:
    assert holes(present, known, round(length_s * NS)) == expected
