"""A bundle becomes a version on trial: everything that can be refused is refused before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from agent.update.bundle import Bundle, open_bundle
from agent.update.course import Course, room_for
from agent.update.environment import accepts, make
from agent.update.manifest import Manifest, check_machine
from agent.update.minisign import read_keys
from agent.update.models import carry_over, link_models
from agent.update.place import Place, newer, only_one, release_of
from agent.update.refused import UpdateRefused
from agent.update.state import History, read_history

SPARE = 64 << 20  # bytes that stay free
GROWTH = 1.35  # byte code beside what the wheels hold


@dataclass(frozen=True, slots=True)
class Making:
    """How a version is made of an unpacked bundle, and whether it takes the node's configuration."""

    make: Callable[[Path, Manifest], None] = make
    accepts: Callable[[Path, Path], bool] = accepts
    arch: str | None = None  # of this device, when it is not to be asked
    python: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """`older`: a person at the device wants an older version all the same."""

    bundle: Path
    older: bool = False


def take(wish: Wish, place: Place, course: Course, making: Making, say: Callable[[Text], None]) -> str:
    """The folder of the version that is on trial now. Raises UpdateRefused, AgentError and OSError."""
    with only_one(place, patient=False):
        current = course.begin()
        keys = read_keys(place.keys)
        with open_bundle(wish.bundle, keys) as bundle:
            manifest = bundle.manifest
            check_machine(manifest, making.arch, making.python)
            if not wish.older:
                check_newer(manifest, current, read_history(place))
            elif manifest.folder == current:
                raise _same(manifest)
            say(Text(en=f"Checking version {manifest.version}", vi=f"Đang kiểm tra phiên bản {manifest.version}"))
            bundle.check()
            room_for(place, SPARE + bundle.unpacked_bytes() + round(GROWTH * manifest.installed_bytes))
            say(Text(en=f"Installing version {manifest.version}", vi=f"Đang cài phiên bản {manifest.version}"))
            course.lay(
                manifest.folder, bundle.opening.manifest, lambda folder: _fill(folder, bundle, current, place, making)
            )
        link_models(place, current)
        course.try_out(manifest.folder)
        return manifest.folder


def check_newer(manifest: Manifest, current: str, history: History) -> None:
    """Raises UpdateRefused when it is not above what runs and what ever proved itself here."""
    if manifest.folder == current:
        raise _same(manifest)
    running = release_of(current)
    if running is None or running in manifest.allow_from:
        return
    if manifest.min_from is not None and newer(manifest.min_from, running):
        raise UpdateRefused(
            "too_old",
            Text(
                en=f"Version {manifest.version} can follow {manifest.min_from} and newer only, here runs {running}",
                vi=f"Phiên bản {manifest.version} chỉ cài được từ {manifest.min_from} trở lên, ở đây là {running}",
            ),
            Text(en=f"Update to {manifest.min_from} first", vi=f"Hãy cập nhật lên {manifest.min_from} trước"),
        )
    floor = history.highest if history.highest is not None and newer(history.highest, running) else None
    if not newer(manifest.version, running) or (floor is not None and newer(floor, manifest.version)):
        than = floor or running
        raise UpdateRefused(
            "older",
            Text(
                en=f"Version {manifest.version} is not newer than {than}, which this device has had",
                vi=f"Phiên bản {manifest.version} không mới hơn {than} mà thiết bị này đã có",
            ),
            Text(
                en="An older version would bring back mended mistakes; if a person at the device wants it: --older",
                vi="Phiên bản cũ mang lại các lỗi đã sửa; nếu người ở thiết bị vẫn muốn: --older",
            ),
        )


def _fill(folder: Path, bundle: Bundle, current: str, place: Place, making: Making) -> None:
    bundle.unpack(folder)
    making.make(folder, bundle.manifest)
    carry_over(place.folder(current), folder)
    # A file that the running version does not like either runs as its last good one; that is no reason against.
    if (
        place.config.is_file()
        and not making.accepts(folder, place.config)
        and making.accepts(place.folder(current), place.config)
    ):
        raise UpdateRefused(
            "config",
            Text(
                en="The new version finds mistakes in this node's configuration",
                vi="Phiên bản mới thấy lỗi trong cấu hình của thiết bị này",
            ),
            Text(en="Ask the ward what has to change first", vi="Hãy hỏi phường cần sửa gì trước"),
        )


def _same(manifest: Manifest) -> UpdateRefused:
    return UpdateRefused(
        "same", Text(en=f"Version {manifest.version} runs already", vi=f"Phiên bản {manifest.version} đang chạy rồi")
    )
