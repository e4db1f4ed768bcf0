"""What is allowed in a configuration, but should be known to whoever wrote it. Pure."""

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
