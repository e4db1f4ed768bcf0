"""Clips to a real tus server, through a line that stalls, resets and comes back."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import LinkError
from agent.uplink.login import Login
from agent.uplink.stats import LinkStats
from deploy.ward import Uploaded, Ward, WardError, WardOptions
from tests.proxy import Proxy
from tests.uplink.shelf import Shelf, make_clip, make_job, run_dry

MB = 1_000_000


def arrived(ward: Ward, clip_id: str) -> list[Uploaded]:
    return [upload for upload in ward.uploaded() if upload.clip == clip_id]


@pytest.fixture
def own_ward(tmp_path: Path) -> Iterator[Ward]:
    """For tests that kill the server."""
    try:
        running = Ward.start(tmp_path / "ward", WardOptions())
    except WardError as error:
        pytest.skip(str(error))
    with running:
        yield running


def test_a_clip_arrives_whole_with_its_metadata(ward: Ward, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 3 * MB, "01JZ000000000000000000WH0L")
    shelf, stats = Shelf(clip), LinkStats()
    job = make_job(ward.upload_url, shelf, stats=stats)
    run_dry(job, shelf)
    job.close()
    (upload,) = arrived(ward, clip.id)
    assert upload.intact()
    assert (upload.node, upload.cam, upload.sha256) == ("node-1", "gate", clip.sha256)
    assert (upload.from_utc, upload.to_utc) == ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:05.000Z")
    assert shelf.log[0] == "created"
    assert shelf.log[-2:] == [f"progress {3 * MB}", "acked"]
    assert stats.state().uploaded_bytes == 3 * MB


@pytest.mark.parametrize(
    ("ending", "filetype"),
    [
        (".mp4", "video/mp4"),
        (".manifest.json", "application/json"),
        (".mp4.locked", "application/octet-stream"),
        (".locked.tar", "application/x-tar"),
    ],
)
def test_the_server_is_told_the_files_name_and_kind(ward: Ward, tmp_path: Path, ending: str, filetype: str) -> None:
    clip = make_clip(tmp_path, 1000, f"01JZ0000000000000000000NA{filetype[-1].upper()}")
    clip = replace(clip, path=clip.path.rename(tmp_path / f"clip{ending}"))
    shelf = Shelf(clip)
    job = make_job(ward.upload_url, shelf)
    run_dry(job, shelf)
    job.close()
    (upload,) = arrived(ward, clip.id)
    told = json.loads(upload.path.with_name(f"{upload.path.name}.json").read_text())["metadata"]
    assert (told["filename"], told["filetype"]) == (f"clip{ending}", filetype)


@pytest.mark.fault("B21", "upload: closed in the middle of the body")
@pytest.mark.fault("B28", "upload: closed in the middle of the body")
def test_after_a_reset_it_goes_on_where_the_server_is(ward: Ward, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 3 * MB, "01JZ000000000000000000RESE")
    shelf = Shelf(clip)
    with Proxy(ward.upload_port) as proxy:
        proxy.reset_at = 2 * MB
        url = f"http://127.0.0.1:{proxy.port}/files"
        job = make_job(url, shelf)
        with pytest.raises(LinkError) as caught:
            run_dry(job, shelf)
        job.close()
        assert caught.value.code == "upload_unreachable"
        run_dry(make_job(url, shelf), shelf)
        assert proxy.sent_up < 3.6 * MB  # from zero it would be 5 MB
    assert arrived(ward, clip.id)[0].intact()
    assert "failed" not in shelf.log
    assert shelf.log.count("created") == 1


@pytest.mark.fault("A1", "upload: kill -9 of the sender")
def test_kill_9_of_the_sender_resumes_in_the_next_process(ward: Ward, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 4 * MB, "01JZ000000000000000000K1LL")
    state = tmp_path / "state.json"
    with Proxy(ward.upload_port) as proxy:
        url = f"http://127.0.0.1:{proxy.port}/files"
        proxy.notice_at = proxy.stall_at = 2 * MB
        command = (sys.executable, "-m", "tests.uplink.upload_child", url, str(clip.path), str(state))
        with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as sender:
            assert proxy.reached.wait(60)
            sender.kill()
        proxy.flow()
        proxy.reset()
        shelf = Shelf(clip, file=state)
        run_dry(make_job(url, shelf), shelf)
        assert proxy.sent_up < 5 * MB
    assert shelf.log[0].startswith("progress")
    (upload,) = arrived(ward, clip.id)
    assert upload.intact()


@pytest.mark.fault("B28", "upload: the server is killed")
def test_server_killed_and_restarted(own_ward: Ward, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 2 * MB)
    shelf = Shelf(clip)
    job = make_job(own_ward.upload_url, shelf)
    while not any(line.startswith("progress") for line in shelf.log):
        job.run_once()
    own_ward.kill_server()
    with pytest.raises(LinkError) as caught:
        job.run_once()
    assert caught.value.code == "upload_unreachable"
    with pytest.raises(LinkError, match=r"refuses connections|từ chối kết nối"):
        make_job(own_ward.upload_url, shelf).run_once()
    own_ward.start_server()
    run_dry(make_job(own_ward.upload_url, shelf), shelf)
    assert own_ward.uploaded()[0].intact()
    assert shelf.log.count("created") == 1
    assert "failed" not in shelf.log


@pytest.mark.fault("B28", "upload: the server forgot it")
def test_an_upload_that_the_server_forgot_starts_anew(own_ward: Ward, tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, MB))
    job = make_job(own_ward.upload_url, shelf)
    job.run_once()
    for file in own_ward.uploads.iterdir():
        file.unlink()
    run_dry(job, shelf)
    assert shelf.log[:3] == ["created", "created", f"progress {64_000}"]
    assert own_ward.uploaded()[0].intact()


@pytest.mark.fault("G42", "a stop during a stalled upload")
def test_a_stop_ends_a_stalled_upload_at_once(ward: Ward, tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 8 * MB, "01JZ000000000000000000ST0P"))
    stop = threading.Event()
    with Proxy(ward.upload_port) as proxy:
        proxy.notice_at = proxy.stall_at = MB
        job = make_job(f"http://127.0.0.1:{proxy.port}/files", shelf, stop=stop, timeout="60s", chunk="8MB")
        runner = threading.Thread(target=lambda: [job.run_once() for _ in range(20) if not stop.is_set()])
        runner.start()
        assert proxy.reached.wait(60)
        stop.set()
        runner.join(30)  # below the 60 s that a stalled write may take
        assert not runner.is_alive()
    assert "failed" not in shelf.log
    assert len(shelf.clips) == 1


@pytest.mark.fault("G42", "a stop during a connect that nobody answers")
def test_a_stop_ends_a_connect_that_nobody_answers(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as callers:
        for _ in range(4):  # more than the queue of a server that never accepts
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/files"
        job = make_job(url, shelf, stop=stop, timeout="60s")
        runner = threading.Thread(target=job.run_once)
        runner.start()
        stop.set()
        runner.join(5)  # below the 10 s that a connect may take
        assert not runner.is_alive()
    assert shelf.log == []


@pytest.mark.fault("B19", "upload: a half-open line")
def test_a_stalled_server_is_given_up_and_costs_no_try(ward: Ward, tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, MB, "01JZ000000000000000000STA1"))
    with Proxy(ward.upload_port) as proxy:
        proxy.stall()
        with pytest.raises(LinkError) as caught:
            make_job(f"http://127.0.0.1:{proxy.port}/files", shelf, timeout="1s").run_once()
    assert caught.value.code == "upload_unreachable"
    assert shelf.log == []


@pytest.mark.fault("A15", "upload: the file is swapped")
def test_bytes_that_changed_on_disk_are_given_up(ward: Ward, tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 300_000, "01JZ000000000000000000SWAP")
    clip.path.write_bytes(b"x" * 300_000)
    shelf = Shelf(clip)
    run_dry(make_job(ward.upload_url, shelf), shelf)
    assert shelf.log[-1] == "rejected"
    assert clip.id in str(shelf.errors[0])
    assert arrived(ward, clip.id) == []


def test_a_server_that_drips_is_given_up(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    done = threading.Event()

    def drip(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer, contextlib.suppress(OSError):
            while not done.wait(0.1):
                peer.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripper = threading.Thread(target=drip, args=(listener,))
        dripper.start()
        with pytest.raises(LinkError) as caught:
            make_job(f"http://127.0.0.1:{listener.getsockname()[1]}/files", shelf, timeout="1s").run_once()
        done.set()
        dripper.join(60)
    assert caught.value.code == "upload_unreachable"


@pytest.mark.parametrize("damage", ["missing", "short"])
@pytest.mark.fault("A15", "upload: the file is missing or short")
def test_a_missing_or_short_file_never_blocks_the_next(ward: Ward, tmp_path: Path, damage: str) -> None:
    bad, good = make_clip(tmp_path, 1000, f"01JZ{damage.upper()}A"), make_clip(tmp_path, 1001, f"01JZ{damage.upper()}B")
    bad.path.unlink()
    if damage == "short":
        bad.path.write_bytes(b"x")
    shelf = Shelf(bad, good)
    run_dry(make_job(ward.upload_url, shelf), shelf)
    assert shelf.log[0] == "rejected"
    assert shelf.log[-1] == "acked"


def test_login(tmp_path: Path) -> None:
    try:
        closed = Ward.start(tmp_path / "ward", WardOptions(logins=(("cam", "right"),)))
    except WardError as error:
        pytest.skip(str(error))
    with closed:
        shelf = Shelf(make_clip(tmp_path, 1000))
        with pytest.raises(LinkError) as caught:
            make_job(closed.upload_url, shelf, login=Login("cam", "canary-wrong")).run_once()
        assert caught.value.code == "upload_auth"
        assert "canary" not in f"{caught.value!r} {caught.value} {caught.value.hint} {Login('cam', 'canary')!r}"
        assert shelf.log == []
        run_dry(make_job(closed.upload_url, shelf, login=Login("cam", "right")), shelf)
        assert closed.uploaded()[0].intact()


def test_too_large_for_the_server_is_given_up(tmp_path: Path) -> None:
    try:
        small = Ward.start(tmp_path / "ward", WardOptions(max_upload_bytes=5000))
    except WardError as error:
        pytest.skip(str(error))
    with small:
        shelf = Shelf(make_clip(tmp_path, 6000, "01JZLARGE"), make_clip(tmp_path, 4000, "01JZSMALL"))
        run_dry(make_job(small.upload_url, shelf), shelf)
        assert shelf.log[0] == "rejected"
        assert shelf.log[-1] == "acked"
        assert shelf.errors[0].code == "upload_refused"
