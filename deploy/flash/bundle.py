"""The agent as one file: is it whole, and for the system on this image?"""

from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from agent.system_words import reason
from agent.update.manifest import Manifest, read_manifest
from agent.update.refused import UpdateRefused
from agent.update.tar import read_files, read_opening
from deploy.fetch import sha256_of
from deploy.flash.refused import CardError


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose every file is what its manifest says."""

    path: Path
    manifest: Manifest
    sha256: str


def read_bundle(path: Path, python: str | None, arch: str = "aarch64") -> Bundle:
    """`python`: of the image, like "3.13"; None: any. Raises CardError, UpdateRefused."""
    try:
        with path.open("rb") as file:
            manifest = read_manifest(read_opening(file).manifest)
            read_files(file, manifest, lambda _each, _piece: None)
    except UpdateRefused as error:
        if error.kind == "format":  # whole, and of a kind that came later
            raise
        raise _damaged(path) from error
    except OSError as error:
        why = reason(error)
        raise CardError(Text(en=f"{path}: {why.en}", vi=f"{path}: {why.vi}")) from error
    if manifest.arch != arch or python not in (None, manifest.python):
        wanted = f"-{arch}-cp{(python or manifest.python).replace('.', '')}.bundle"
        raise CardError(
            Text(
                en=f"{path.name} is for {manifest.arch} and Python {manifest.python}, the image needs ...{wanted}",
                vi=f"{path.name} dành cho {manifest.arch} và Python {manifest.python}, ảnh này cần gói ...{wanted}",
            ),
            Text(
                en="make it: python -m deploy.bundle build --python " + (python or manifest.python),
                vi="hãy tạo gói: python -m deploy.bundle build --python " + (python or manifest.python),
            ),
        )
    return Bundle(path, manifest, sha256_of(path))


def _damaged(path: Path) -> CardError:
    return CardError(
        Text(en=f"{path.name} is no whole bundle of the agent", vi=f"{path.name} không phải gói phần mềm nguyên vẹn"),
        Text(
            en="copy it again, or make one: python -m deploy.bundle build",
            vi="hãy chép lại, hoặc tạo gói: python -m deploy.bundle build",
        ),
    )
