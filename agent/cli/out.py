"""Where a person wants a file: refused in words before anything is written or noted."""

import os
import shutil
from pathlib import Path

from agent.errors import AgentError
from agent.evidence.manifest import manifest_path
from agent.i18n import Text


def refuse_own_files(data: Path, out: Path) -> None:
    """Root may write anywhere: never over the node's own footage, log or key. Raises AgentError."""
    if out.resolve().is_relative_to(data.resolve()):
        raise AgentError(
            Text(en=f"{out} lies among the device's own files", vi=f"{out} nằm trong thư mục riêng của thiết bị"),
            Text(en=f"Name a file outside of {data}", vi=f"Hãy chọn một tệp ở ngoài {data}"),
        )


def check_out(out: Path) -> None:
    """What is written for a person lies where that person says, so the mistake is theirs and not the card's."""
    if out.is_dir():
        raise AgentError(
            Text(en=f"{out} is a folder", vi=f"{out} là một thư mục"),
            Text(en="Name a file in it, like clip.mp4", vi="Hãy ghi tên tệp trong đó, ví dụ clip.mp4"),
        )
    if not out.parent.is_dir():
        raise AgentError(
            Text(en=f"there is no folder {out.parent}", vi=f"không có thư mục {out.parent}"),
            Text(en="Make it, or choose another with --out", vi="Hãy tạo thư mục đó, hoặc chọn nơi khác với --out"),
        )


def refuse_existing(out: Path) -> None:
    """A clip that was cut before may be evidence: it and its manifest are not replaced unasked. Raises AgentError."""
    for file in (out, manifest_path(out)):
        if os.path.lexists(file):
            raise AgentError(
                Text(en=f"{file} is there already", vi=f"đã có tệp {file}"),
                Text(en="Choose another name with --out, or add --force to replace it",
                     vi="Hãy chọn tên khác với --out, hoặc thêm --force để ghi đè"),
            )  # fmt: skip


def check_room(out: Path, wanted: int) -> None:
    """Is there room for so many bytes? Raises AgentError."""
    free = shutil.disk_usage(out.parent).free
    if free < wanted:
        place = f"{out.parent}: {free / 1e6:.1f} MB"
        raise AgentError(
            Text(
                en=f"the clip takes about {wanted / 1e6:.1f} MB, and there is less room in {place}",
                vi=f"clip cần khoảng {wanted / 1e6:.1f} MB, không đủ chỗ trống trong {place}",
            ),
            Text(en="Choose another place with --out", vi="Hãy chọn nơi khác với --out"),
        )
