"""What a node that was taken over, or a server of updates that lies, may try on root."""

import json
import os
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.app.update import Updates
from agent.clock import Clock
from agent.update.minisign import read_keys
from agent.update.place import target
from agent.update.proof import read_proof
from agent.update.refused import UpdateRefused
from agent.update.regular import NoPlainFile, open_plain
from agent.update.state import History, read_history, read_trial, write_history
from agent.update.wanted import ask, next_wanted
from agent.uplink.http import HttpClient
from tests.update.bundles import Device, FakeClock
from tests.update.channel import Line, Server, answer, fetch_job

DEEP = b'{"before": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"


def proof_of(device: Device) -> dict[str, Any]:
    device.system.restart()
    return dict(json.loads((device.place.run / "proof.json").read_text()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pid": float("inf")},
        {"before": {"cams": ["x" * 9000]}},
        {"before": {"cams": ["\ud800"]}},
        {"seen": {"captured": [float("nan")]}},
        {"before": 1},
    ],
    ids=lambda wrong: str(wrong)[:30],
)
def test_a_proof_that_makes_no_sense_is_none(tmp_path: Path, wrong: dict[str, Any]) -> None:
    device = Device(tmp_path)
    told = proof_of(device)
    assert read_proof(device.place.run) is not None
    (device.place.run / "proof.json").write_text(json.dumps(told | wrong))
    assert read_proof(device.place.run) is None


def test_a_nested_proof_stops_neither_the_judge_nor_an_update(tmp_path: Path) -> None:
    device = Device(tmp_path)
    (device.place.run / "proof.json").write_bytes(DEEP)
    name = device.take(device.bundle("0.2.0"))
    device.system.bad.add(name)  # it writes nothing else, so it never proves itself
    (device.place.run / "proof.json").write_bytes(DEEP)
    device.course().resume()
    assert read_trial(device.place) is None and device.runs == "0.1.0"


def test_a_device_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    opened: list[str] = []
    real = os.open

    def noting(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if not flags & os.O_PATH:
            opened.append(str(path))
        return real(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", noting)
    ask(device.place.run, Path("/dev/null"))
    Updates(device.place, threading.Event(), lambda _: None).resume()
    assert "/dev/null" not in opened
    assert not [path for path in opened if path.startswith("/proc/self/fd") and os.path.realpath(path) == "/dev/null"]
    for strange in (Path("/dev/null"), Path("/proc/self/status"), tmp_path):
        with pytest.raises(NoPlainFile):
            open_plain(strange)


def test_a_request_that_is_a_folder_is_put_out_of_the_way(tmp_path: Path) -> None:
    place = Device(tmp_path).place
    (place.run / "update-wanted/in/it").mkdir(parents=True)
    assert next_wanted(place) is None
    assert not (place.run / "update-wanted").exists()


@pytest.mark.parametrize("path", ["/a\x1b[31m\nb.bundle", "/" + "x" * 600, "/a\u2028b"])
def test_a_request_with_a_strange_name_is_not_repeated_anywhere(tmp_path: Path, path: str) -> None:
    place = Device(tmp_path).place
    ask(place.run, Path(path))
    assert next_wanted(place) is None


def test_root_remembers_the_newest_version_whatever_is_asked_for(tmp_path: Path) -> None:
    device = Device(tmp_path)
    write_history(device.place, History(highest="0.9.0"))
    for number in range(12):
        (device.place.run / "update-wanted").write_text(f"/{number}" + "\x01" * 4000)
        Updates(device.place, threading.Event(), lambda _: None).resume()
        ask(device.place.run, Path("/", f"{number}-" + "y" * 400))
        Updates(device.place, threading.Event(), lambda _: None).resume()
    assert read_history(device.place).highest == "0.9.0"


def test_a_key_that_others_can_change_is_not_trusted(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    device = Device(tmp_path)
    assert read_keys(device.place.keys)
    device.place.keys.chmod(0o664)
    with pytest.raises(UpdateRefused):
        read_keys(device.place.keys)
    device.place.keys.chmod(0o644)
    os.chown(device.place.keys, 65534, 0)
    with pytest.raises(UpdateRefused):
        device.take(device.bundle("0.2.0"))
    assert target(device.place.current) == "0.1.0-00000000"


@pytest.mark.parametrize(
    "body",
    [b"[" * 4000, b'{"version": "0.2.0", "url": "https://x:99999999/y", "bytes": 1}',
     b'{"version": "0.2.0", "url": "https://a b\\u0000/y", "bytes": 1}',
     b'{"version": "0.2.0", "url": "https://[::1", "bytes": 1}',
     b'{"version": "0.2.0", "url": "https://x/\\ud800", "bytes": 1}'],
    ids=str,
)  # fmt: skip
def test_a_channel_that_lies_is_asked_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    server = Server(b"x", {})
    job, got = fetch_job(tmp_path, server, Line(), FakeClock())
    real, asked = HttpClient.stream, []

    @contextmanager
    def stream(self: HttpClient, method: str, url: str, headers: Mapping[str, str]) -> Iterator[Any]:
        asked.append(url)
        if url.endswith("/channel.json"):
            yield answer(200, body)
        else:
            with real(self, method, url, headers) as told:
                yield told

    monkeypatch.setattr(HttpClient, "stream", stream)
    job._http = HttpClient(ssl.create_default_context(), job._guard, Clock(), timeout_s=1, connect_s=1, headers={})
    for _ in range(3):
        job._clock.at_s += 10_000  # type: ignore[attr-defined]
        job.run_once()
    assert got == []
    assert asked[0].endswith("/channel.json")
