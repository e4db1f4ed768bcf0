"""The agent as one file: is it whole, and for the system on this image?"""

import hashlib
import tarfile
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from agent.system_words import reason
from agent.update.manifest import MANIFEST, SIGNATURE, Manifest, read_manifest
from deploy.fetch import sha256_of
from deploy.flash.refused import CardError

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose every file is what its manifest says."""

    path: Path
    manifest: Manifest
    sha256: str


def read_bundle(path: Path, python: str | None, arch: str = "aarch64") -> Bundle:
    """`python`: of the image, like "3.13"; None: any. Raises CardError, UpdateRefused."""
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _compared(tar, path)
    except (tarfile.TarError, EOFError) as error:
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


def _compared(tar: tarfile.TarFile, path: Path) -> Manifest:
    first = tar.next()
    stream = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if stream is None:
        raise _damaged(path)
    manifest = read_manifest(stream.read())
    wanted = {each.path: each for each in manifest.files}
    while (member := tar.next()) is not None:
        if member.name == SIGNATURE:
            continue
        each = wanted.pop(member.name, None)
        content = tar.extractfile(member) if member.isfile() else None
        if each is None or content is None:
            raise _damaged(path)
        digest = hashlib.sha256()
        while piece := content.read(PIECE):
            digest.update(piece)
        if digest.hexdigest() != each.sha256:
            raise _damaged(path)
    if wanted:
        raise _damaged(path)
    return manifest


def _damaged(path: Path) -> CardError:
    return CardError(
        Text(en=f"{path.name} is no whole bundle of the agent", vi=f"{path.name} không phải gói phần mềm nguyên vẹn"),
        Text(
            en="copy it again, or make one: python -m deploy.bundle build",
            vi="hãy chép lại, hoặc tạo gói: python -m deploy.bundle build",
        ),
    )
