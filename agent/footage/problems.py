"""Errors of the disk and of the muxer as StorageError: full, or not usable."""

import errno
from pathlib import Path

import av

from agent.errors import StorageError
from agent.i18n import Text

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def storage_error(error: OSError | av.FFmpegError, path: Path) -> StorageError:
    """`disk_full`, or `storage_error` for everything else that a disk does (read-only, I/O error)."""
    detail = error.strerror or type(error).__name__
    if error.errno in FULL:
        return StorageError(
            Text(en=f"The disk is full: {path}", vi=f"Ổ đĩa đã đầy: {path}"),
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
