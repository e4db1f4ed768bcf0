"""Points and boxes of a picture: 0..1, origin top left."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the picture, 0..1."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the picture, 0..1. May reach a little over the edge; never inside out."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (self.left <= self.right and self.top <= self.bottom):
            raise ValueError(f"inside-out box {self}")

    @property
    def width(self) -> float:
        """0..1 of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """0..1 of the picture's height."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """0..1 of the picture's area."""
        return (self.right - self.left) * (self.bottom - self.top)

    @property
    def centre(self) -> Point:
        """The middle."""
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    @property
    def foot(self) -> Point:
        """The middle of the lower edge: where the thing stands on the ground."""
        return Point((self.left + self.right) / 2, self.bottom)

    def overlap(self, other: "Box") -> float:
        """The area shared with `other`."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0.0

    def iou(self, other: "Box") -> float:
        """Intersection over union, 0..1."""
        shared = self.overlap(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def union(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def clipped(self) -> "Box":
        """The part inside the picture."""
        left, top = min(max(self.left, 0.0), 1.0), min(max(self.top, 0.0), 1.0)
        return Box(left, top, max(left, min(self.right, 1.0)), max(top, min(self.bottom, 1.0)))
