"""npm packages of a lock file, installed once per version into the cache. Nothing is installed system-wide."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from agent.i18n import Text

INSTALL_S = 180


def install_packages(name: str, source: Path, files: Sequence[str], cache: Path) -> Path:
    """The directory with `files` of `source` (a program, package.json, package-lock.json) and their packages.

    Raises WardError.
    """
    from deploy.ward.child import WardError  # noqa: PLC0415 - the ward itself is made of such packages

    version = hashlib.sha256(b"".join((source / file).read_bytes() for file in files)).hexdigest()[:12]
    target = cache / f"{name}-{version}"
    if target.exists():
        return target
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise WardError(
            Text(en=f"{name} needs node and npm", vi=f"{name} cần node và npm"),
            Text(en="apt install npm", vi="apt install npm"),
        )
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        work = Path(scratch) / "program"
        work.mkdir()
        for file in files:
            shutil.copy(source / file, work)
        # `ci` installs exactly the lock file and checks each package's integrity.
        command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional")
        try:
            subprocess.run(command, cwd=work, check=True, capture_output=True, timeout=INSTALL_S)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            said = (error.stderr or b"").decode(errors="replace").strip()[-300:]
            raise WardError(
                Text(en=f"npm could not fetch {name}: {said}", vi=f"npm không tải được {name}: {said}"),
                Text(en="is there an internet connection?", vi="máy có kết nối internet không?"),
            ) from error
        if not target.exists():
            work.replace(target)
    return target
