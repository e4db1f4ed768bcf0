"""Labels that models confuse."""

_KINDS = {"car": "motor", "truck": "motor", "bus": "motor", "train": "motor", "bicycle": "cycle", "motorcycle": "cycle"}


def kind(label: str) -> str:
    """Labels that models confuse share a kind; a target keeps its kind for life."""
    return _KINDS.get(label, label)
