"""What the first installation and every update after it must see alike: place.py has no pydantic and says it anew."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from agent.update.manifest import MANIFEST, SIGNATURE, FilePath, Release
from agent.update.place import COMPLETE, FOLDER
from deploy.first_boot import place
from tests.deploy.small_bundle import small_bundle


def test_the_folder_of_a_version_has_one_name(tmp_path: Path) -> None:
    bundle = place.read_bundle(small_bundle(tmp_path, "0.3.0"))
    assert FOLDER.fullmatch(bundle.folder), "no update would find it"
    assert (place.MANIFEST, place.SIGNATURE) == (MANIFEST, SIGNATURE)
    assert COMPLETE == place.MANIFEST


@pytest.mark.parametrize(
    "version", ["0.1.0", "10.20.30", "0.1", "1.2.3.4", "01.2.3", "0.1.0rc1", "0.1.0\n", "1.2.123456"]
)
def test_one_way_to_write_a_version(version: str) -> None:
    assert bool(place.VERSION.fullmatch(version)) == _takes(TypeAdapter(Release), version)


@pytest.mark.parametrize(
    "path", ["manifest.json", "a/b/c/d", "a/b/c/d/e", "../a", "/a", "a//b", ".a", "a/.b", "-a", "a b", "a\n", "", "a/"]
)
def test_the_same_names_of_files(path: str) -> None:
    assert bool(place.SAFE.fullmatch(path)) == _takes(TypeAdapter(FilePath), path)


def _takes(adapter: TypeAdapter[str], text: str) -> bool:
    try:
        adapter.validate_python(text)
    except ValidationError:
        return False
    return True
