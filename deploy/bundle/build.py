"""One bundle: wheels, the agent's own, the model, units and the first-boot scripts, under one manifest."""

import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from agent.contract.base import utc
from agent.i18n import Text
from agent.update.manifest import BundleFile, BundleModel, Manifest
from agent.update.tar import pack
from deploy.assets import ssd_model
from deploy.bundle.agent_wheel import ROOT, agent_wheel, source_version
from deploy.bundle.sbom import notices, sbom
from deploy.bundle.target import Target
from deploy.bundle.wheels import Wheel, fetch_wheels, read_wheel
from deploy.fetch import AssetError, Progress, reason, sha256_of, workspace

MODEL = "model/ssdlite.onnx"  # as config.example.yaml names it
SIGN_S, COMPLETION_S = 120, 120
# What is taken from the checkout as it is: source, name in the bundle.
PLAIN = (
    ("deploy/first_boot/first-boot.sh", "first-boot/first-boot.sh"),
    ("deploy/first_boot/place.py", "first-boot/place.py"),
    ("deploy/install.sh", "first-boot/install.sh"),
    ("deploy/uninstall.sh", "first-boot/uninstall.sh"),
    ("config.example.yaml", "config.example.yaml"),
    ("LICENSE", "LICENSE"),
    ("docs/reference/camera-agent.1", "man/camera-agent.1"),
    ("docs/reference/vi/camera-agent.1", "man/vi/camera-agent.1"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What to build. `key`: a minisign secret key; `model` None: the shipped one; `version` None: the sources'."""

    target: Target
    out: Path
    key: Path | None = None
    model: Path | None = None
    version: str | None = None
    again: bool = False


def build_bundle(order: Order, progress: Progress | None = None) -> Path:
    """The bundle's path. The same sources, wheels and model give the same bytes. Raises AssetError."""
    progress = progress or Progress()
    version = order.version or source_version()
    label = Text(en=f"Building the bundle for {order.target}", vi=f"Đang tạo gói cho {order.target}")
    wheels = fetch_wheels(order.target, run_requirements(), progress, order.again)
    model = order.model or ssd_model(progress)
    progress.begin(label)
    with workspace(f"bundle-{order.target}") as work:
        own = read_wheel(agent_wheel(work, version))
        installer = next(wheel for wheel in wheels if wheel.name == "pip")
        installed = sorted((own, *(wheel for wheel in wheels if wheel is not installer)), key=lambda each: each.name)
        sources = _sources(work, version, installed, installer, model)
        files = []
        for done, (name, path) in enumerate(sources, start=1):
            files.append(BundleFile(path=name, size=path.stat().st_size, sha256=sha256_of(path)))
            progress.show(label, done, len(sources))
        manifest = _manifest(order.target, version, files, installed, model)
        order.out.mkdir(parents=True, exist_ok=True)
        bundle = order.out / f"camera-agent-{version}-{order.target}.bundle"
        partial = bundle.with_name(bundle.name + ".tmp")
        signature = sign(manifest.data(), order.key, work) if order.key else None
        pack(
            manifest.data(), signature, [(file, path) for file, (_, path) in zip(files, sources, strict=True)], partial
        )
        partial.replace(bundle)
    progress.end(label)
    return bundle


def run_requirements() -> tuple[str, ...]:
    """What setup.py wants at run time, read without running it."""
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            return tuple(ast.literal_eval(node.value))
    raise AssetError(Text(en="setup.py has no install_requires", vi="setup.py không có install_requires"))


def sign(manifest: bytes, key: Path, work: Path) -> bytes:
    """minisign's signature of the manifest's bytes; minisign asks for the key's password itself. Raises AssetError."""
    content, signature = work / "manifest.json", work / "manifest.json.minisig"
    content.write_bytes(manifest)
    command = ("minisign", "-S", "-s", str(key), "-m", str(content), "-x", str(signature), "-t", "camera-agent bundle")
    try:
        subprocess.run(command, check=True, stderr=subprocess.PIPE, timeout=SIGN_S)
    except FileNotFoundError as error:
        hint = Text(en="apt install minisign", vi="apt install minisign")
        raise AssetError(Text(en="minisign is not installed", vi="Máy này chưa có minisign"), hint) from error
    except subprocess.SubprocessError as error:
        said = reason((getattr(error, "stderr", None) or str(error).encode()).decode(errors="replace"))
        raise AssetError(Text(en=f"minisign did not sign: {said}", vi=f"minisign không ký được: {said}")) from error
    return signature.read_bytes()


def _sources(work: Path, version: str, installed: list[Wheel], installer: Wheel, model: Path) -> list[tuple[str, Path]]:
    """Every file with its name in the bundle, by name."""
    made = {
        "NOTICES.md": notices((ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8"), [*installed, installer]),
        "sbom.json": sbom(version, [*installed, installer], model),
        f"{MODEL}.sha256": f"{sha256_of(model)}\n".encode(),
    }
    made |= completions()
    found = [(f"wheels/{wheel.path.name}", wheel.path) for wheel in installed]
    found += [(f"pip/{installer.path.name}", installer.path), (MODEL, model)]
    found += [(name, ROOT / source) for source, name in PLAIN]
    found += [(f"systemd/{path.name}", path) for path in (ROOT / "systemd").iterdir() if path.is_file()]
    for name, content in made.items():
        path = work / "made" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        found.append((name, path))
    return sorted(found)


def completions() -> dict[str, bytes]:
    """The shells' completion files under their names in the bundle, as these sources write them. Raises AssetError."""
    made = {}
    environ = {**os.environ, "CAMERA_AGENT_LANG": "en"}
    for shell in ("bash", "zsh", "fish"):
        command = (sys.executable, "-m", "agent", "completion", shell)
        done = subprocess.run(command, capture_output=True, check=False, timeout=COMPLETION_S, cwd=ROOT, env=environ)
        if done.returncode or not done.stdout:
            said = reason(done.stderr.decode(errors="replace"))
            raise AssetError(
                Text(en=f"No completion for {shell}: {said}", vi=f"Không có gợi ý lệnh cho {shell}: {said}")
            )
        made[f"completion/camera-agent.{shell}"] = done.stdout
    return made


def _manifest(target: Target, version: str, files: list[BundleFile], installed: list[Wheel], model: Path) -> Manifest:
    shipped = next(file for file in files if file.path == MODEL)
    try:
        return Manifest(
            version=version,
            arch=target.arch,
            python=target.python,
            os={"3.10": "jetpack 6", "3.11": "debian 12", "3.13": "debian 13"}.get(target.python, ""),
            created=utc(made_s() * 10**9),
            installed_bytes=sum(map(unpacked_bytes, (wheel.path for wheel in installed))) + model.stat().st_size,
            files=tuple(files),
            model=BundleModel(path=MODEL, sha256=shipped.sha256),
        )
    except ValueError as error:
        raise AssetError(
            Text(en=f"No such bundle can be: {error}", vi=f"Không thể tạo gói như vậy: {error}")
        ) from error


def unpacked_bytes(wheel: Path) -> int:
    """What a wheel takes when it is installed, with the byte code, which is about as large as its source."""
    with ZipFile(wheel) as archive:
        return sum(each.file_size * (2 if each.filename.endswith(".py") else 1) for each in archive.infolist())


def made_s() -> int:
    """SOURCE_DATE_EPOCH, else when the last commit was made, else the beginning of time; never the clock."""
    if told := os.environ.get("SOURCE_DATE_EPOCH", ""):
        return int(told)
    command = ("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    try:
        return int(subprocess.run(command, capture_output=True, check=True, timeout=30).stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0
