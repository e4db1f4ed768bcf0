"""One .deb from one bundle. The same bundle and sources give the same bytes."""

import gzip
import os
import shutil
import subprocess
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from agent.i18n import Text
from agent.update.manifest import BundleFile, Manifest, read_manifest
from agent.update.tar import read_files, read_opening
from deploy.bundle.agent_wheel import ROOT
from deploy.bundle.build import made_s
from deploy.bundle.target import DEBIAN_ARCH
from deploy.fetch import AssetError, Progress, missing_tool, reason, workspace

HERE = Path(__file__).parent
NAME = "camera-agent"
RELEASES = {"3.11": "deb12", "3.12": "ubuntu24.04", "3.13": "deb13"}
SCRIPTS = ("postinst", "prerm", "postrm")
PACK_S = 600
# Where a file of the bundle goes beside the bundle itself.
SHIPPED = {
    "first-boot/uninstall.sh": f"usr/lib/{NAME}/uninstall.sh",
    "NOTICES.md": f"usr/share/doc/{NAME}/NOTICES.md",
    "sbom.json": f"usr/share/doc/{NAME}/sbom.json",
    "config.example.yaml": f"usr/share/doc/{NAME}/examples/config.example.yaml",
    "completion/camera-agent.bash": f"usr/share/bash-completion/completions/{NAME}",
    "completion/camera-agent.zsh": f"usr/share/zsh/vendor-completions/_{NAME}",
    "completion/camera-agent.fish": f"usr/share/fish/vendor_completions.d/{NAME}.fish",
}
MANUALS = {"man/camera-agent.1": "man1", "man/vi/camera-agent.1": "vi/man1"}


@dataclass(frozen=True, slots=True)
class Maker:
    """Who builds it, as Debian's tools ask for it: DEBFULLNAME, DEBEMAIL."""

    name: str = "camera-agent maintainers"
    email: str = "camera-agent@localhost"

    @classmethod
    def here(cls) -> "Maker":
        """Of this environment."""
        return cls(os.environ.get("DEBFULLNAME", cls().name), os.environ.get("DEBEMAIL", cls().email))

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


def build_deb(bundle: Path, out: Path, progress: Progress | None = None) -> Path:
    """The package's path. Raises AssetError, UpdateRefused, OSError."""
    progress = progress or Progress()
    if shutil.which("dpkg-deb") is None:
        raise missing_tool("dpkg-deb")
    label = Text(en=f"Packing {bundle.name}", vi=f"Đang đóng gói {bundle.name}")
    progress.begin(label)
    with workspace("deb") as work:
        manifest, content = _read(bundle)
        version = f"{manifest.version}-1~{RELEASES.get(manifest.python, manifest.python)}"
        tree = work / "tree"
        _put(tree / f"usr/lib/{NAME}/{NAME}.bundle", None, bundle)
        for name, target in SHIPPED.items():
            if name in content:
                _put(tree / target, content[name], mode=0o755 if name.endswith(".sh") else 0o644)
        for name, section in MANUALS.items():
            if name in content:
                _put(tree / f"usr/share/man/{section}/{NAME}.1.gz", _zipped(content[name]))
        _put_words(tree, version)
        _put_control(tree, manifest, version)
        out.mkdir(parents=True, exist_ok=True)
        package = out / f"{NAME}_{version}_{DEBIAN_ARCH[manifest.arch]}.deb"
        _pack(tree, package)
    progress.end(label)
    return package


def _put_words(tree: Path, version: str) -> None:
    link = tree / f"usr/bin/{NAME}"
    link.parent.mkdir(parents=True)
    link.symlink_to(f"/opt/{NAME}/current/bin/{NAME}")
    documents = tree / f"usr/share/doc/{NAME}"
    _put(documents / "copyright", (HERE / "copyright").read_bytes())
    _put(documents / "changelog.gz", _zipped((ROOT / "CHANGELOG.md").read_bytes()))
    entry = f"{NAME} ({version}) stable; urgency=medium\n\n  * See changelog.gz.\n\n"
    entry += f" -- {Maker.here()}  {formatdate(made_s())}\n"
    _put(documents / "changelog.Debian.gz", _zipped(entry.encode()))
    _put(tree / f"usr/share/lintian/overrides/{NAME}", (HERE / "overrides").read_bytes())


def _put_control(tree: Path, manifest: Manifest, version: str) -> None:
    major, minor = manifest.python.split(".")
    kilobytes = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()) // 1024
    fields = {
        "Package": NAME,
        "Version": version,
        "Architecture": DEBIAN_ARCH[manifest.arch],
        "Maintainer": str(Maker.here()),
        "Installed-Size": str(kilobytes + manifest.installed_bytes // 1024),
        # The wheels are built for one Python; another one needs another package.
        "Depends": f"python3 (>= {manifest.python}~), python3 (<< {major}.{int(minor) + 1}~), libc6 (>= 2.28), "
        "libstdc++6, systemd, passwd, ca-certificates",
        "Recommends": "iw",
        "Section": "net",
        "Priority": "optional",
        "Description": "camera agent of a ward's node\n"
        " Records, detects and reports on the spot: a camera's pictures stay on this\n"
        " device, and what matters goes to the ward as events and clips, when the\n"
        " line allows.\n"
        " .\n"
        " The package holds everything for an installation without internet. Newer\n"
        " signed versions are taken by `camera-agent update`, which goes back by\n"
        " itself from one that does not work.",
    }
    control = tree / "DEBIAN"
    _put(control / "control", "".join(f"{name}: {value}\n" for name, value in fields.items()).encode())
    for name in SCRIPTS:
        _put(control / name, (HERE / name).read_bytes(), mode=0o755)
    sums = [f"{_md5(path)}  {path.relative_to(tree)}\n" for path in sorted(tree.glob("usr/**/*")) if _plain(path)]
    _put(control / "md5sums", "".join(sums).encode())


def _pack(tree: Path, package: Path) -> None:
    for folder in (tree, *(path for path in tree.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    # The wheels are packed already: more effort finds nothing. lintian knows no zstd here, xz takes five times as long.
    command = ("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(package))
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(made_s()), "LC_ALL": "C.UTF-8"}
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=PACK_S, env=environ)
    except (OSError, subprocess.SubprocessError) as error:
        said = reason((getattr(error, "stderr", None) or str(error).encode()).decode(errors="replace"))
        raise AssetError(Text(en=f"dpkg-deb failed: {said}", vi=f"dpkg-deb báo lỗi: {said}")) from error


def _put(path: Path, data: bytes | None, source: Path | None = None, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if data is not None:
        path.write_bytes(data)
    elif source is not None:
        shutil.copyfile(source, path)
    path.chmod(mode)


def _read(bundle: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Its manifest, and those of its files that lie in the package beside it. All of it is checked."""
    content: dict[str, bytes] = {}

    def put(file: BundleFile, piece: bytes) -> None:
        if file.path in SHIPPED or file.path in MANUALS:
            content[file.path] = content.get(file.path, b"") + piece

    with bundle.open("rb") as file:
        manifest = read_manifest(read_opening(file).manifest)
        read_files(file, manifest, put)
    return manifest, content


def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _md5(path: Path) -> str:
    done = subprocess.run(("md5sum", str(path)), check=True, capture_output=True, text=True)
    return done.stdout.split()[0].lstrip("\\")
