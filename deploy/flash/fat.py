"""The FAT partition inside an image, by mtools: list, put a whole folder, read it back, remove."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from deploy.flash.tool import outcome, ran

_READ = Text(en="the boot partition cannot be read", vi="không đọc được phân vùng khởi động")
_WRITE = Text(en="the boot partition cannot be written", vi="không ghi được vào phân vùng khởi động")


@dataclass(frozen=True, slots=True)
class Fat:
    """`start`: where it begins in the image, in bytes."""

    image: Path
    start: int

    @property
    def _at(self) -> str:
        return f"{self.image}@@{self.start}"

    def names(self, folder: str = "") -> frozenset[str]:
        """What lies in `folder`; folders end in a slash. Empty when it is not there. Raises CardError."""
        done = outcome(("mdir", "-b", "-a", "-i", self._at, f"::/{folder}"))
        if done.returncode:
            if folder:
                return frozenset()
            ran(("mdir", "-b", "-i", self._at, "::/"), _READ)
        told = done.stdout.decode(errors="replace").splitlines()
        return frozenset(
            re.sub(r"^::/", "", line).removeprefix(folder).lstrip("/") for line in told if line.startswith("::/")
        )

    def free_bytes(self) -> int:
        """How much room is left. Raises CardError."""
        told = ran(("minfo", "-i", self._at, "::"), _READ)
        free = re.search(r"free clusters=(\d+)", told)
        size = re.search(r"cluster size: (\d+) sectors", told)
        sector = re.search(r"sector size: (\d+) bytes", told)
        if free and size and sector and int(free[1]) < 0xFFFFFFFF:
            return int(free[1]) * int(size[1]) * int(sector[1])
        listed = ran(("mdir", "-i", self._at, "::/"), _READ)
        room = re.search(r"([\d ]+) bytes free", listed)
        return int(room[1].replace(" ", "")) if room else 0

    def cluster_bytes(self) -> int:
        """What the smallest file takes. Raises CardError."""
        told = ran(("minfo", "-i", self._at, "::"), _READ)
        size = re.search(r"cluster size: (\d+) sectors", told)
        return int(size[1]) * 512 if size else 4096

    def put(self, folder: Path) -> None:
        """Everything below `folder`, over what may be there. Raises CardError."""
        sources = sorted(str(each) for each in folder.iterdir())
        if sources:
            ran(("mcopy", "-i", self._at, "-s", "-o", "-Q", *sources, "::/"), _WRITE)

    def remove(self, name: str) -> None:
        """One file, or a folder with all in it. Raises CardError."""
        ran(("mdeltree" if name.endswith("/") else "mdel", "-i", self._at, f"::/{name.rstrip('/')}"), _WRITE)

    def fetch(self, name: str, into: Path) -> None:
        """A file, or a folder with all in it, copied below `into`. Raises CardError."""
        ran(("mcopy", "-i", self._at, "-s", "-n", "-Q", f"::/{name}", f"{into}/"), _READ)

    def read(self, name: str) -> bytes | None:
        """One file's content; None when it is not there."""
        with tempfile.TemporaryDirectory(prefix="card-") as work:
            target = Path(work) / "read"
            done = outcome(("mcopy", "-i", self._at, "-n", f"::/{name}", str(target)))
            return target.read_bytes() if done.returncode == 0 and target.is_file() else None
