"""What the system says is told in the reader's language; what nobody has words for stays as it is."""

import errno
import os
from pathlib import Path

import av
import pytest

from agent.capture.problems import from_av
from agent.cli.replay import write_text
from agent.config.load import check_config
from agent.detection.labels import read_labels
from agent.durable import disk_error
from agent.errors import ModelError, StorageError
from agent.system_words import reason

COMMON = (
    errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EIO,
    errno.ECONNREFUSED, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ECONNRESET,
)  # fmt: skip


@pytest.mark.parametrize("number", COMMON, ids=[errno.errorcode[number] for number in COMMON])
def test_common_errors_have_words_in_both_languages(number: int) -> None:
    told = reason(OSError(number, os.strerror(number), "/some/file"))
    assert told.en == os.strerror(number)
    assert told.vi not in (told.en, "")
    assert told.vi == told.vi.strip().rstrip(".")
    assert "/some/file" not in told.en + told.vi


def test_what_has_no_words_stays_as_it_is() -> None:
    for error, said in (
        (OSError(errno.ENOTTY, os.strerror(errno.ENOTTY)), os.strerror(errno.ENOTTY)),
        (OSError("no address"), "no address"),
        (OSError(), "OSError"),
        (OSError(errno.ENOENT, "from a library"), "from a library"),  # its number may be its own
    ):
        assert (reason(error).en, reason(error).vi) == (said, said)


def test_errors_of_files_are_told_in_the_reader_s_language(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as labels:
        read_labels(tmp_path / "none.txt")
    with pytest.raises(StorageError) as written:
        write_text(tmp_path / "none" / "out.txt", "x")
    disk = disk_error(OSError(errno.EROFS, os.strerror(errno.EROFS)), tmp_path)
    (config,) = check_config(Path("/proc/self/mem"))
    for text, en, vi in (
        (labels.value.text, "No such file or directory", "không có tệp hoặc thư mục này"),
        (written.value.text, "No such file or directory", "không có tệp hoặc thư mục này"),
        (disk.text, "Read-only file system", "ổ đĩa chỉ cho đọc"),
        (config.text, "Input/output error", "thiết bị đọc ghi bị lỗi"),
    ):
        assert en in text.en
        assert vi in text.vi
        assert en not in text.vi


def test_ffmpeg_passes_on_the_system_s_words_and_has_its_own(tmp_path: Path) -> None:
    path = tmp_path / "garbage.mp4"
    path.write_bytes(b"no video at all" * 100)
    with pytest.raises(av.FFmpegError) as caught:
        av.open(str(path))
    made = from_av(caught.value, "file", str(path))
    assert "Invalid data found" in made.text.en
    assert "dữ liệu không đọc được" in made.text.vi
    refused = from_av(av.error.ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "rtsp", "rtsp://a/b")
    assert refused.text.vi.endswith("bị từ chối kết nối")
