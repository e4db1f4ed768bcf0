"""What is allowed in a configuration, but should be known to whoever wrote it. Pure."""

from collections.abc import Sequence
from pathlib import Path

from agent.config.camera import CameraSection
from agent.i18n import Text


def unproven(camera: CameraSection) -> Text | None:
    """The line to this camera is encrypted, but nobody checks who is at its other end."""
    if not camera.source.startswith("rtsps://") or camera.ca_file is not None:
        return None
    return Text(
        en="any certificate is taken, so another device may pretend to be this camera; "
        "name its certificate in `ca_file`",
        vi="chấp nhận mọi chứng chỉ nên thiết bị khác có thể giả làm camera này; "
        "hãy ghi chứng chỉ của camera vào `ca_file`",
    )


def not_here(missing: tuple[Path, str]) -> Text:
    """A file that this device does not have, and the setting that names it."""
    path, setting = missing
    return Text(en=f"not on this device: {path} (`{setting}`)", vi=f"thiết bị này không có: {path} (`{setting}`)")


def not_enrolled(missing: Sequence[Path]) -> Text | None:
    """`missing`: files named under `tls` that this device does not have. It may be another device's configuration."""
    if not missing:
        return None
    named = ", ".join(str(path) for path in missing)
    return Text(
        en=f"not on this device: {named} (`tls`); `camera-agent enrol` gets the certificate from the ward",
        vi=f"thiết bị này không có: {named} (`tls`); lấy chứng chỉ từ phường bằng `camera-agent enrol`",
    )
