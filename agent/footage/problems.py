"""Errors of the disk and of the muxer as StorageError: full, or not usable."""

import errno
import os
from pathlib import Path

import av

from agent.errors import StorageError
from agent.i18n import Text

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def storage_error(error: OSError | av.FFmpegError, path: Path) -> StorageError:
    """`disk_full`, or `storage_error` for everything else that a disk does (read-only, I/O error)."""
    detail = error.strerror or type(error).__name__
    if error.errno in FULL:
        full = Text(en=f"The disk is full: {path}", vi=f"Ổ đĩa đã đầy: {path}")
        no_inodes = Text(
            en=f"The disk has no inodes left, too many files: {path}", vi=f"Ổ đĩa hết inode, quá nhiều tệp: {path}"
        )
        return StorageError(
            no_inodes if _without_inodes(path) else full,
            Text(
                en="Delete what is not needed, or lower `footage.budget`; recording goes on when there is space",
                vi="Hãy xoá bớt dữ liệu, hoặc giảm `footage.budget`; khi có chỗ trống sẽ tự ghi hình tiếp",
            ),
            code="disk_full",
        )
    return StorageError(
        Text(en=f"Footage cannot be written to {path}: {detail}", vi=f"Không ghi được hình vào {path}: {detail}"),
        Text(
            en="Check the disk with `dmesg`; a memory card that has become read-only is worn out: replace it",
            vi="Hãy kiểm tra ổ đĩa bằng `dmesg`; thẻ nhớ chuyển sang chỉ đọc là đã hỏng: hãy thay thẻ",
        ),
        code="storage_error",
    )


def _without_inodes(path: Path) -> bool:
    try:
        disk = os.statvfs(path if path.is_dir() else path.parent)
    except OSError:
        return False
    return disk.f_files > 0 and disk.f_favail == 0
