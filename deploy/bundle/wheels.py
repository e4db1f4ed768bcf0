"""The wheels of a target: fetched by pip for another board, and closed under that board's own markers.

pip judges `; python_version < "3.12"` by the Python it runs under, also with `--python-version`. So the markers are
judged here, for the target, and pip is asked again until nothing that a wheel wants is missing.
"""

import hashlib
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from agent.i18n import Text
from deploy.bundle.target import Target
from deploy.fetch import AssetError, Download, Progress, cache_dir, download, workspace

INSTALLER = "pip>=24"  # a device without python3-venv has none
ABOUT_BYTES = 130_000_000
ROUNDS = 6
DONE = "complete"


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package as it is packed."""

    path: Path
    name: str
    version: Version
    wants: tuple[Requirement, ...]
    licence: str


def fetch_wheels(target: Target, requirements: Sequence[str], progress: Progress, again: bool = False) -> list[Wheel]:
    """What `requirements` come to on `target`; kept in the cache until `again`. Raises AssetError."""
    wanted = [*requirements, INSTALLER]
    key = hashlib.sha256("\n".join((str(target), *target.platforms, *wanted)).encode()).hexdigest()[:12]
    kept = cache_dir() / "bundle" / f"wheels-{target}-{key}"
    if again or not (kept / DONE).exists():
        with workspace(f"bundle-wheels-{target}") as work:
            _close(target, wanted, work, progress)
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(work, kept)
            (kept / DONE).touch()
    return needed(target, wanted, [read_wheel(path) for path in sorted(kept.glob("*.whl"))])


def _close(target: Target, wanted: Sequence[str], work: Path, progress: Progress) -> None:
    asked = holding(target, map(Requirement, wanted))
    for _ in range(ROUNDS):
        _download(target, [_plain(requirement) for requirement in asked], work, progress)
        wheels = [read_wheel(path) for path in sorted(work.glob("*.whl"))]
        missing = unmet(target, asked, wheels)
        if not missing:
            return
        asked = [*asked, *missing]
    raise AssetError(
        Text(
            en=f"No set of wheels for {target} satisfies {', '.join(map(str, missing))}",
            vi=f"Không có bộ wheel nào cho {target} thoả mãn {', '.join(map(str, missing))}",
        )
    )


def _download(target: Target, requirements: Sequence[str], work: Path, progress: Progress) -> None:
    for path in work.glob("*.whl"):
        path.unlink()  # a version that a later requirement rules out
    platforms = [option for name in target.platforms for option in ("--platform", name)]
    command = (
        *(sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--only-binary=:all:"),
        *("--implementation", "cp", "--python-version", target.python, *platforms, "-d", str(work), *requirements),
    )
    label = Text(en=f"Fetching wheels for {target}", vi=f"Đang tải các gói wheel cho {target}")
    download(Download(label, command, work, ABOUT_BYTES), progress)


def holding(target: Target, requirements: Iterable[Requirement], extras: Iterable[str] = ()) -> list[Requirement]:
    """Those whose markers hold on `target`, for one of `extras` or none."""
    environments = [{**target.markers, "extra": extra} for extra in ("", *extras)]
    return [
        requirement
        for requirement in requirements
        if requirement.marker is None or any(requirement.marker.evaluate(each) for each in environments)
    ]


def unmet(target: Target, asked: Iterable[Requirement], wheels: Iterable[Wheel]) -> list[Requirement]:
    """What the wheels or `asked` want on `target` and no wheel is."""
    there = {wheel.name: wheel.version for wheel in wheels}
    wants = [*asked, *(want for wheel in wheels for want in holding(target, wheel.wants))]
    return [
        want
        for want in wants
        if (version := there.get(canonicalize_name(want.name))) is None
        or not want.specifier.contains(version, prereleases=True)
    ]


def needed(target: Target, wanted: Sequence[str], wheels: Sequence[Wheel]) -> list[Wheel]:
    """The wheels that `wanted` lead to on `target`: what pip took for this machine's markers only stays away."""
    by_name = {wheel.name: wheel for wheel in wheels}
    found: dict[str, Wheel] = {}
    open_wants = holding(target, map(Requirement, wanted))
    while open_wants:
        want = open_wants.pop()
        wheel = by_name[canonicalize_name(want.name)]
        if wheel.name not in found:
            found[wheel.name] = wheel
            open_wants += holding(target, wheel.wants, want.extras)
    return [found[name] for name in sorted(found)]


def _plain(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"


def read_wheel(path: Path) -> Wheel:
    """Name, version, wants and licence of a wheel. Raises AssetError when it is none."""
    try:
        name, version, *_ = parse_wheel_filename(path.name)
        with ZipFile(path) as archive:
            (member,) = [
                each for each in archive.namelist() if each.endswith(".dist-info/METADATA") and each.count("/") == 1
            ]
            metadata = BytesParser().parsebytes(archive.read(member))
    except (ValueError, OSError, BadZipFile) as error:
        raise AssetError(
            Text(en=f"{path.name} is no wheel: {error}", vi=f"{path.name} không phải wheel: {error}")
        ) from error
    wants = tuple(Requirement(str(line)) for line in metadata.get_all("Requires-Dist", []))
    return Wheel(path, str(name), version, wants, _licence(metadata))


def _licence(metadata: Message) -> str:
    """As declared: the expression, else the classifiers, else the first line of the free field."""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [str(line).split(" :: ") for line in metadata.get_all("Classifier", [])]
    named = [parts[-1] for parts in classifiers if parts[0] == "License" and len(parts) > 2]
    free = str(metadata.get("License") or "").strip().split("\n")[0][:80]
    return " / ".join(named) or free or "see the package"
