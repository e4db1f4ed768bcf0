"""What a search finds: cameras with their streams, and what an installer should know. Values only."""

from dataclasses import dataclass, field

from agent.config.camera import Kind
from agent.config.secrets import Secret
from agent.i18n import Text

PLAYABLE = ("h264", "hevc")


@dataclass(frozen=True, slots=True)
class FoundStream:
    """One stream as the camera describes it; "" and 0 where it does not say."""

    address: str  # what belongs into `source` or `sub`
    codec: str = ""  # as PyAV names it: h264, hevc, mjpeg, rawvideo
    width: int = 0
    height: int = 0
    fps: float = 0.0

    @property
    def pixels(self) -> int:
        """Of one picture."""
        return self.width * self.height

    @property
    def shape(self) -> str:
        """Like `h264 1920x1080 25 fps`; what is unknown is left out."""
        size = f"{self.width}x{self.height}" if self.pixels else ""
        rate = f"{self.fps:g} fps" if self.fps else ""
        return " ".join(part for part in (self.codec, size, rate) if part)


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """One camera. `main` is None when it could not be asked; then `notes` say what is missing."""

    kind: Kind
    place: str  # host, device or number: which camera this is
    name: str  # the maker's word for it, cleaned
    main: FoundStream | None = None
    sub: FoundStream | None = None
    login: bool = False  # it was asked with a name and password, or wants them
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """All cameras of one kind of search, and what else is to be told."""

    cameras: tuple[FoundCamera, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Login:
    """The name and password to ask cameras with."""

    username: str
    password: Secret = field(repr=False)
