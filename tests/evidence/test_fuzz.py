"""Anything may be handed to the check: it never takes a changed clip for a true one, and never falls over."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.evidence.check import State, Unreadable, check
from agent.evidence.key import open_key
from agent.evidence.manifest import canonical
from agent.values import Clip
from tests.evidence.conftest import prove

ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=70),
    st.just("99999-01-01T00:00:00.000Z"),
    st.just([]),
    st.just({}),
)


@pytest.fixture(scope="module")
def true_clip(drawn_h264: Path, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return prove(drawn_h264, tmp_path_factory.mktemp("true"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.fault("evidence", "random bytes of the clip are changed")
def test_a_changed_clip_is_never_genuine(true_clip: Clip, tmp_path: Path, data: st.DataObject) -> None:
    assert true_clip.manifest is not None
    content = bytearray(true_clip.path.read_bytes())
    kind = data.draw(st.sampled_from(["bit", "bytes", "cut", "more"]))
    at = data.draw(st.integers(0, len(content) - 1))
    if kind == "bit":
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    elif kind == "bytes":
        content[at : at + 4] = bytes(255 - byte for byte in content[at : at + 4])
    elif kind == "cut":
        del content[at:]
    else:
        content += bytes(at % 100 + 1)
    forged = tmp_path / "forged.mp4"
    forged.write_bytes(content)
    verdict = check(forged, true_clip.manifest, None)
    assert verdict.state is State.ALTERED and verdict.findings


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.fault("evidence", "random fields of the manifest are changed")
def test_a_changed_manifest_is_never_genuine(true_clip: Clip, tmp_path: Path, data: st.DataObject) -> None:
    assert true_clip.manifest is not None
    told = json.loads(true_clip.manifest.read_bytes())
    before = canonical(told)
    where: Any = told
    while True:
        keys = sorted(where) if isinstance(where, dict) else list(range(len(where)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(where[key], dict | list) or not where[key] or data.draw(st.booleans()):
            break
        where = where[key]
    if data.draw(st.booleans()):
        where[key] = data.draw(ANYTHING)
    else:
        del where[key]
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(told), encoding="utf-8")
    try:
        state = check(true_clip.path, forged, None).state
    except Unreadable:
        return
    assert state is State.BAD_SIGNATURE or (
        state is State.COMPLETE and canonical(told) == before and "signature" in told
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_anything_as_a_manifest(true_clip: Clip, tmp_path: Path, content: bytes) -> None:
    forged = tmp_path / "forged.json"
    forged.write_bytes(content)
    with pytest.raises(Unreadable):
        check(true_clip.path, forged, None)


def test_a_forger_s_own_signature_over_impossible_times(true_clip: Clip, tmp_path: Path) -> None:
    assert true_clip.manifest is not None
    forger = open_key(tmp_path / "forger")
    told = json.loads(true_clip.manifest.read_bytes())
    told["key"] = {"fingerprint": forger.public.fingerprint, "public_key": forger.public.pem}
    told["segments"][0]["from_utc"] = "99999-01-01T00:00:00.000Z"
    told["signature"] = forger.sign(canonical(told))
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(Unreadable):
        check(true_clip.path, forged, None)
