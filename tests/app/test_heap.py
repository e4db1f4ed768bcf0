"""What the start needed is given back, and nothing else."""

import subprocess
import sys

from agent.app.heap import clean_mappings

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
import ctypes, mmap, tempfile
import cv2, numpy, psutil
from agent.app.heap import LOOKS_S, Slack
from tests.capture.clocks import HandClock

def told(act):
    before = psutil.Process().memory_info()
    did = act()
    after = psutil.Process().memory_info()
    same = (cv2.resize(picture, (32, 24)) == small).all()
    print(before.shared - after.shared, before.rss - after.rss, same, did)

picture = numpy.arange(48 * 64, dtype=numpy.uint8).reshape(48, 64)
small, clock, made = cv2.resize(picture, (32, 24)), HandClock(), []
told(lambda: made.append(Slack(clock)))
with tempfile.TemporaryFile() as file:
    file.write(b"n" * 4096)
    file.flush()
    later = mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_PRIVATE)  # as another thread may map a library
    later[0] = 1
    ctypes.CDLL(None).mprotect(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(later))), 4096, 1)
told(made[0].look)
clock.pass_s(LOOKS_S[0])
told(made[0].look)
told(made[0].look)
print(later[0])
"""


def test_only_what_is_as_in_its_file_and_never_written_is_let_go() -> None:
    """Not what relocation wrote, not what may be written, not shared, not memory without a file."""
    found = dict(clean_mappings(SMAPS))
    assert list(found.values()) == [(0x7F0000000000, 0x7F0000002000), (0x7F0000006000, 0x7F0000007000)]
    assert set(found) <= set(SMAPS.splitlines())


def test_libraries_still_work_afterwards_and_take_less() -> None:
    """In a process of its own: at once, again when it is time, and nothing that came between."""
    done = subprocess.run([sys.executable, "-c", AT_WORK], capture_output=True, text=True, check=True)
    *looks, kept = done.stdout.splitlines()
    freed, resident, same, did = zip(*(look.split() for look in looks), strict=True)
    assert set(same) == {"True"}
    assert did == ("None", "False", "True", "False")
    assert int(freed[0]) > 5_000_000 and int(resident[0]) > 5_000_000
    assert int(freed[2]) > 1_000_000
    assert kept == "1"
