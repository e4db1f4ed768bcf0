"""The picture reaches a real RTMP server as it left, with and without TLS, and the server's end is told in words."""

from itertools import pairwise
from pathlib import Path

import pytest

from agent.capture.small_stream import SmallStream
from agent.config.camera import CameraSection
from agent.config.model import TlsSection
from agent.uplink.live import chunks, ladder, pipe, rtmp, session, words
from deploy.stand_in.media import Media, MediaOptions
from deploy.ward import Certificates, issue
from tests.proxy import Proxy
from tests.uplink.live.conftest import started
from tests.uplink.live.pushing import CAM, FPS, HEIGHT, NODE, WIDTH, Pushing, bar_of, seen, ticks

NAME = f"{NODE}.{CAM}"


def there(proxy: Proxy) -> str:
    return f"rtmp://127.0.0.1:{proxy.port}/live"


def identity(given: Certificates) -> TlsSection:
    return TlsSection(ca=given.ca, cert=given.cert, key=given.key)


def test_the_cameras_own_stream_is_seen_at_the_server(media: Media, tmp_path: Path) -> None:
    with Pushing(tmp_path, media.push_url) as push:
        grant = push.begin()
        pictures = seen(media.play_url(NAME), 2 * FPS)
        push.desk.stop("JOB")
        end = push.ended()
    assert not grant.encoded
    assert {(one.width, one.height) for one in pictures} == {(WIDTH, HEIGHT)}
    assert all(step == pytest.approx(1 / FPS, abs=0.05) for step in ticks(pictures))
    moved = [bar_of(later) - bar_of(earlier) for earlier, later in pairwise(pictures)]
    assert moved.count(4) >= len(moved) - 1, "each picture once, in order"
    assert (end.state, end.why) == ("done", words.STOPPED)
    assert end.bytes_sent * 8 / 1000 / (len(pictures) / FPS) >= grant.kbps / 2


def test_over_tls_with_the_nodes_certificate(tls_media: Media, ca: Path, tmp_path: Path) -> None:
    assert tls_media.push_url.startswith("rtmps://")
    with Pushing(tmp_path, tls_media.push_url, tls=identity(issue(ca, NODE))) as push:
        push.begin()
        assert len(seen(tls_media.play_url(NAME), 5)) == 5


def test_a_server_of_another_authority_gets_nothing(tls_media: Media, ca: Path, tmp_path: Path) -> None:
    foreign = issue(tmp_path / "foreign", NODE)
    own = issue(ca, NODE)
    with Pushing(tmp_path, tls_media.push_url, tls=TlsSection(ca=foreign.ca, cert=own.cert, key=own.key)) as push:
        push.begin()
        end = push.ended()
    assert end.state == "failed" and end.bytes_sent == 0
    assert end.why is not None and "authority that this node does not trust" in end.why.en
    assert "không tin cậy" in end.why.vi


@pytest.mark.long("as one of another authority")
def test_a_server_of_another_name_gets_nothing(ca: Path, tmp_path: Path) -> None:
    elsewhere = issue(ca, "elsewhere", hosts="DNS:elsewhere.example")
    with (
        started(tmp_path / "media", MediaOptions(tls=elsewhere)) as running,
        Pushing(tmp_path, running.push_url, tls=identity(issue(ca, NODE))) as push,
    ):
        push.begin()
        end = push.ended()
    assert end.bytes_sent == 0 and end.why is not None and "another host name" in end.why.en


def test_without_a_certificate_of_its_own_the_node_is_told_what_it_lacks(
    tls_media: Media, ca: Path, tmp_path: Path
) -> None:
    with Pushing(tmp_path, tls_media.push_url, tls=TlsSection(ca=issue(ca, NODE).ca)) as push:
        push.begin()
        end = push.ended()
    assert end.state == "failed" and end.why is not None
    assert "certificate" in end.why.en or "secure connection" in end.why.en


def test_a_server_that_is_not_there(media: Media, tmp_path: Path) -> None:
    url = media.push_url
    media.kill()
    with Pushing(tmp_path, url) as push:
        push.begin()
        end = push.ended()
    assert end.state == "failed" and end.why is not None and "refuses connections" in end.why.en


def test_an_application_that_the_server_does_not_have(media: Media, tmp_path: Path) -> None:
    with Pushing(tmp_path, media.push_url.replace("/live", "/nowhere")) as push:
        push.begin()
        end = push.ended()
    assert end.state == "failed" and end.why is not None


def test_a_name_that_somebody_else_publishes(media: Media, tmp_path: Path) -> None:
    with Pushing(tmp_path / "a", media.push_url) as first, Pushing(tmp_path / "b", media.push_url) as second:
        first.begin()
        seen(media.play_url(NAME), 1)
        second.begin()
        end = second.ended()
    assert end.state == "failed" and end.why is not None
    assert "does not take the picture" in end.why.en and "ublish" in end.why.en


def test_what_answers_is_no_media_server(ward_web: int, tmp_path: Path) -> None:
    with Pushing(tmp_path, f"rtmp://127.0.0.1:{ward_web}/live") as push:
        push.begin()
        end = push.ended()
    assert end.state == "failed" and end.why is not None and "not a media server" in end.why.en


@pytest.mark.fault("L1", "the media server is killed while it is pushed to, and comes back")
def test_a_server_that_is_killed_and_comes_back_goes_on(media: Media, tmp_path: Path) -> None:
    with Pushing(tmp_path, media.push_url) as push:
        push.begin()
        seen(media.play_url(NAME), 3)
        media.kill()
        media.restart()
        assert len(seen(media.play_url(NAME), 5)) == 5
        push.desk.stop("JOB")
        assert push.ended().why == words.STOPPED


@pytest.mark.long("a line that is given up")
@pytest.mark.fault("L2", "the media server is killed and stays away")
def test_a_server_that_stays_away_ends_it_in_words(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PATIENCE_S", 1.0)
    with Pushing(tmp_path, media.push_url) as push:
        push.begin()
        seen(media.play_url(NAME), 3)
        media.kill()
        end = push.ended()
    assert end.state == "failed" and end.bytes_sent > 0
    assert end.why is not None and "the media server" in end.why.en
    assert push.desk.watched() == ()


@pytest.mark.long("a line that is given up")
@pytest.mark.fault("L3", "the line to the media server stalls: nothing is taken, nothing is said")
def test_a_half_open_server_never_holds_up_the_camera(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PATIENCE_S", 1.0)
    monkeypatch.setattr(pipe, "STALLED_S", 1.0)
    monkeypatch.setattr(rtmp, "ANSWER_S", 1.0)
    port = int(media.push_url.split(":")[2].split("/")[0])
    with Proxy(port) as proxy, Pushing(tmp_path, there(proxy), noise=120, line_kbps=5e4) as push:
        push.begin()
        seen(media.play_url(NAME), 3)
        proxy.stall()
        given = push.camera.given
        end = push.ended()
        push.camera.wait(FPS)
        assert push.camera.slowest_s < 0.5, "the tap never waits for the line"
        assert push.camera.given > given
    assert end.state == "failed" and end.why is not None and "does not answer" in end.why.en


@pytest.mark.long("the line has to be seen thin for seconds")
@pytest.mark.fault("L4", "the line carries a tenth of the picture")
def test_a_line_that_is_too_thin_never_makes_the_picture_late(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No small pictures here: going down means the end, and the words say why.
    monkeypatch.setattr(session, "lower", lambda _rung, _carried: None)
    port = int(media.push_url.split(":")[2].split("/")[0])
    with Proxy(port) as proxy, Pushing(tmp_path, there(proxy), noise=120, line_kbps=5e4) as push:
        proxy.bytes_per_s = 20_000
        grant = push.begin()
        end = push.ended()
    assert grant.kbps > 160
    assert (end.state, end.why) == ("failed", words.TOO_SLOW)


@pytest.mark.fault("L4", "the line carries a tenth of the picture")
def test_a_line_that_is_too_thin_gets_a_smaller_picture(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ladder, "SETTLED_S", 1.0)
    caplog.set_level("INFO", "agent.uplink.live.session")
    camera = CameraSection.model_validate({"id": CAM, "source": "rtsp://127.0.0.1/a", "encode_cpu": 4})
    port = int(media.push_url.split(":")[2].split("/")[0])
    with (
        Proxy(port) as proxy,
        Pushing(
            tmp_path, there(proxy), noise=60, line_kbps=5e4, small=lambda _cam, kbps: SmallStream(camera, kbps)
        ) as push,
    ):
        proxy.bytes_per_s = 30_000
        assert not push.begin().encoded
        while "does not carry" not in caplog.text:
            push.camera.wait(FPS)
            assert push.desk.heard("JOB")
        proxy.bytes_per_s = None  # else what the proxy holds of before would keep the name for half a minute
        pictures = seen(media.play_url(NAME), 2 * FPS)
        assert {(one.width, one.height) for one in pictures} == {(WIDTH, HEIGHT)}
        assert push.desk.heard("JOB"), "it goes on, smaller"


def test_messages_longer_than_a_chunk_come_together_again() -> None:
    reader = chunks.Reader()
    sent = chunks.Message(chunks.COMMAND, bytes(range(256)) * 30, stream=1)
    data = chunks.pieces(chunks.Message(chunks.SET_CHUNK_SIZE, chunks.SIZE.to_bytes(4, "big")), 2)
    data += chunks.pieces(sent, 3) + chunks.pieces(sent, 3)
    found = [message for at in range(len(data)) for message in reader.feed(data[at : at + 1])]
    assert [(one.kind, one.data, one.stream) for one in found] == [(sent.kind, sent.data, 1)] * 2
