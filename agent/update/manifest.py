"""What a bundle says of itself: which version for which machine, and each file with its size and sha256.

The signature covers these bytes, and these name everything else; so nothing of a bundle is believed that is not named
here. Files stand in the order in which the bundle holds them.
"""

import hashlib
import platform
import sys
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from agent.contract.base import Part, Sha256, Utc
from agent.i18n import Text
from agent.update.refused import UpdateRefused, damaged

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.minisig"
MOST_MANIFEST = 1 << 18  # bytes
MOST_SIGNATURE = 4096
MOST_FILES = 500
MOST_FILE = 1 << 30
MOST_ALL = 2 << 30
# Plain names in plain folders: no way out of the folder, nothing hidden, no blank, no option for a command.
FilePath = Annotated[
    str, Field(max_length=240, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*){0,3}$")
]
# Our versions are three numbers; the name of a folder is made of them, so there is one way only to write each.
Release = Annotated[str, Field(pattern=r"^(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}$")]


class _Strict(Part):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True, populate_by_name=True)


class BundleFile(_Strict):
    """One file of a bundle: path inside it, size in bytes, hash."""

    path: FilePath
    size: int = Field(ge=0, le=MOST_FILE)
    sha256: Sha256


class BundleModel(_Strict):
    """The detection model that a bundle brings: one of its files."""

    path: FilePath
    sha256: Sha256


class Manifest(_Strict):
    """manifest.json. `installed_bytes`: what the program takes when it is installed (wheels unpacked, and model)."""

    schema_: Literal["camera-agent-bundle/1"] = Field(default="camera-agent-bundle/1", alias="schema")
    name: Literal["camera-agent"] = "camera-agent"
    version: Release
    min_from: Release | None = None  # older versions cannot go to this one directly
    allow_from: tuple[Release, ...] = Field(
        default=(), strict=False, max_length=20
    )  # newer ones that may go back to it
    arch: Literal["aarch64", "x86_64"]
    python: str = Field(pattern=r"^3\.\d{1,2}$")
    os: str = Field(default="", max_length=64)  # a hint for people, like "debian 13"
    created: Utc
    installed_bytes: int = Field(gt=0, le=4 * MOST_ALL)
    files: tuple[BundleFile, ...] = Field(strict=False, min_length=1, max_length=MOST_FILES)
    model: BundleModel | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Manifest":
        paths = [file.path for file in self.files]
        folded = {path.casefold() for path in paths}
        if len(folded) != len(paths) or folded & {MANIFEST, SIGNATURE}:
            raise ValueError("a path stands twice")
        if any(path.startswith(f"{other}/") for path in folded for other in folded):
            raise ValueError("a file stands where a folder is")
        if sum(file.size for file in self.files) > MOST_ALL:
            raise ValueError("too large")
        if self.model is not None and not any(
            file.path == self.model.path and file.sha256 == self.model.sha256 for file in self.files
        ):
            raise ValueError("the model is none of the files")
        return self

    @property
    def folder(self) -> str:
        """The name of the folder of this version: the version, and 8 digits of what makes it this very build."""
        return f"{self.version}-{self.build[:8]}"

    @property
    def build(self) -> str:
        """A hash over all that the files are."""
        lines = "".join(f"{file.sha256} {file.path}\n" for file in self.files)
        return hashlib.sha256(f"{self.version} {self.arch} {self.python}\n{lines}".encode()).hexdigest()

    def wheels(self) -> tuple[str, ...]:
        """Paths of the Python packages."""
        return tuple(file.path for file in self.files if file.path.startswith("wheels/") and file.path.endswith(".whl"))

    def data(self) -> bytes:
        """manifest.json, as it is signed."""
        return self.model_dump_json(by_alias=True, exclude_none=True, indent=1).encode() + b"\n"


def read_manifest(data: bytes) -> Manifest:
    """From the bytes of manifest.json, whose signature was checked before. Raises UpdateRefused."""
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or MANIFEST
        if place == "schema":
            raise UpdateRefused(
                "format",
                Text(
                    en="The bundle is of a kind that this version does not know",
                    vi="Phiên bản này không biết loại gói cập nhật này",
                ),
                Text(
                    en="Update to a version in between first, or set the node up anew",
                    vi="Hãy cập nhật lên một phiên bản trung gian trước, hoặc cài lại thiết bị",
                ),
            ) from error
        raise damaged(
            f"its manifest is wrong at `{place}`: {first['msg']}", f"bản kê khai sai ở `{place}`: {first['msg']}"
        ) from error


def check_machine(manifest: Manifest, arch: str | None = None, python: str | None = None) -> None:
    """Is it for this processor and this Python? Raises UpdateRefused."""
    arch = platform.machine() if arch is None else arch
    python = f"{sys.version_info.major}.{sys.version_info.minor}" if python is None else python
    if manifest.arch != arch:
        raise UpdateRefused(
            "machine",
            Text(
                en=f"The bundle is for {manifest.arch} processors, this device has {arch}",
                vi=f"Gói cập nhật dành cho bộ xử lý {manifest.arch}, thiết bị này là {arch}",
            ),
            Text(
                en=f"Take the bundle whose name ends in -{arch}-cp{python.replace('.', '')}.bundle",
                vi=f"Hãy lấy gói có tên kết thúc bằng -{arch}-cp{python.replace('.', '')}.bundle",
            ),
        )
    if manifest.python != python:
        raise UpdateRefused(
            "python",
            Text(
                en=f"The bundle is for Python {manifest.python}, this device has Python {python}",
                vi=f"Gói cập nhật dành cho Python {manifest.python}, thiết bị này có Python {python}",
            ),
            Text(
                en=f"Take the bundle whose name ends in -{arch}-cp{python.replace('.', '')}.bundle",
                vi=f"Hãy lấy gói có tên kết thúc bằng -{arch}-cp{python.replace('.', '')}.bundle",
            ),
        )


_ADAPTER = TypeAdapter(Manifest)
