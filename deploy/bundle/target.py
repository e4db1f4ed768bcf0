"""The board and the Python a bundle is for, as pip and the markers of packages see them."""

from dataclasses import dataclass
from typing import Literal

from agent.i18n import Text
from deploy.fetch import AssetError

# Raspberry Pi OS on Debian 12 has glibc 2.36, on Debian 13 2.41, a Jetson with JetPack 6 (Ubuntu 22.04) 2.35.
NEWEST_GLIBC, OLDEST_GLIBC = 35, 17
Arch = Literal["aarch64", "x86_64"]
DEBIAN_ARCH: dict[Arch, str] = {"aarch64": "arm64", "x86_64": "amd64"}
# 3.10: JetPack 6; 3.11: Debian 12; 3.12: Ubuntu 24.04; 3.13: Debian 13.
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


@dataclass(frozen=True, slots=True)
class Target:
    """`arch` as `uname -m` has it, `python` as "3.13"."""

    arch: Arch
    python: str

    def __post_init__(self) -> None:
        """Raises AssetError for a pair that nothing is built for."""
        if self.arch not in DEBIAN_ARCH or self.python not in PYTHONS:
            known = ", ".join(PYTHONS)
            raise AssetError(
                Text(
                    en=f"No bundle for {self.arch} with Python {self.python}: aarch64 or x86_64, Python {known}",
                    vi=f"Không có bản cho {self.arch} với Python {self.python}: aarch64 hoặc x86_64, Python {known}",
                )
            )

    def __str__(self) -> str:
        return f"{self.arch}-{self.tag}"

    @property
    def tag(self) -> str:
        """As wheels name the interpreter: cp313."""
        return "cp" + self.python.replace(".", "")

    @property
    def debian(self) -> str:
        """As Debian names the board."""
        return DEBIAN_ARCH[self.arch]

    @property
    def platforms(self) -> tuple[str, ...]:
        """What pip may take, the newest first."""
        numbered = (f"manylinux_2_{minor}_{self.arch}" for minor in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1))
        return (*numbered, f"manylinux2014_{self.arch}")

    @property
    def markers(self) -> dict[str, str]:
        """The environment in which `; python_version < '3.12'` and the like are judged."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.arch,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
            "extra": "",
        }
