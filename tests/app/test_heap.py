"""What the start needed is given back, and nothing else."""

import subprocess
import sys

from agent.app.heap import clean_pages

SMAPS = """\
7f0000000000-7f0000002000 r-xp 00001000 08:01 77                         /usr/lib/libvideo.so.1
Rss:                   8 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me sd
7f0000002000-7f0000003000 r--p 00003000 08:01 77                         /usr/lib/libvideo.so.1
Rss:                   4 kB
Anonymous:             4 kB
7f0000003000-7f0000004000 rw-p 00004000 08:01 77                         /usr/lib/libvideo.so.1
Rss:                   4 kB
Anonymous:             0 kB
7f0000004000-7f0000005000 r--p 00000000 00:00 0
Rss:                   4 kB
Anonymous:             0 kB
7f0000005000-7f0000006000 r--s 00000000 08:01 78                         /var/lib/index
Rss:                   4 kB
Anonymous:             0 kB
7f0000006000-7f0000007000 r--p 00000000 08:01 79                         /usr/lib/other lib.so
Rss:                   4 kB
Anonymous:             0 kB
7fff00000000-7fff00001000 r-xp 00000000 00:00 0                          [vdso]
Rss:                   4 kB
Anonymous:             0 kB
"""

AT_WORK = """
import cv2, numpy, psutil
from agent.app.heap import let_go
picture = numpy.arange(48 * 64, dtype=numpy.uint8).reshape(48, 64)
before, small = psutil.Process().memory_info(), cv2.resize(picture, (32, 24))
let_go()
after = psutil.Process().memory_info()
again = cv2.resize(picture, (32, 24))
print(before.shared - after.shared, before.rss - after.rss, (small == again).all())
"""


def test_only_what_is_as_in_its_file_and_never_written_is_let_go() -> None:
    """Not what relocation wrote, not what may be written, not shared, not memory without a file."""
    assert list(clean_pages(SMAPS)) == [(0x7F0000000000, 0x7F0000002000), (0x7F0000006000, 0x7F0000007000)]


def test_libraries_still_work_afterwards_and_take_less() -> None:
    """In a process of its own."""
    done = subprocess.run([sys.executable, "-c", AT_WORK], capture_output=True, text=True, check=True)
    of_files, resident, same = done.stdout.split()
    assert int(of_files) > 5_000_000
    assert int(resident) > 5_000_000
    assert same == "True"
