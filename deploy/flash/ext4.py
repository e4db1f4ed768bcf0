"""The root file system inside an image, by debugfs. Only looked into: nothing of it is changed."""

import re
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from deploy.flash.tool import ran

_READ = Text(en="the root file system cannot be read", vi="không đọc được phân vùng hệ thống")


@dataclass(frozen=True, slots=True)
class Ext4:
    """`start`: where it begins in the image, in bytes. Everything raises CardError."""

    image: Path
    start: int

    def _ask(self, order: str) -> str:
        return ran(("debugfs", "-R", order, f"{self.image}?offset={self.start}"), _READ)

    def exists(self, path: str) -> bool:
        """Is there anything at `path`?"""
        return "Inode:" in self._ask(f'stat "{path}"')

    def text(self, path: str) -> str | None:
        """A text file; None when there is none."""
        return self._ask(f'cat "{path}"') if self.exists(path) else None

    def link(self, path: str) -> str | None:
        """Where a symbolic link leads."""
        found = re.search(r'Fast link dest: "([^"]*)"', self._ask(f'stat "{path}"'))
        return found[1] if found else None
