"""The page over HTTP: what it answers, whom it refuses, and how it ends."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from agent.backoff import Backoff
from agent.config.model import PageSection
from agent.errors import StorageError
from agent.i18n import Text
from agent.installer.page import PageJob
from agent.worker import Worker
from tests.installer import scene
from tests.installer.node import Faults, Node, event, serving, ulid


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as made:
        yield made


@pytest.fixture(scope="module")
def still(clip: Path) -> Iterator[httpx.Client]:
    """The page of a node that no test changes."""
    node = Node(clip)
    node.show(2.0, 1)
    with serving(node) as url, httpx.Client(base_url=url, timeout=60) as made:
        yield made


def pictures(stream: httpx.Response) -> Iterator[bytes]:
    """The JPEGs of a multipart answer."""
    waiting = b""
    for piece in stream.iter_raw():
        waiting += piece
        *parts, waiting = waiting.split(b"--picture\r\n")
        for part in parts:
            if part:
                head, _, body = part.partition(b"\r\n\r\n")
                assert b"Content-Type: image/jpeg" in head
                yield body.removesuffix(b"\r\n")


def test_the_page_opens_in_the_language_of_the_node(node: Node) -> None:
    for language in ("vi", "en"):
        with serving(node, language) as url:
            assert f'<html lang="{language}">' in httpx.get(url).text


@pytest.mark.parametrize(
    "path",
    ["/", "/page.js", "/page.css", "/icon.svg", "/state.json", "/health.json", "/live/gate.jpg", "/no", "/live/x.jpg"],
)
def test_every_answer_is_hardened(still: httpx.Client, path: str) -> None:
    for answer in (still.get(path), still.head(path)):
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:9", 200), ("127.0.0.1", 200), ("[::1]:8480", 200), ("LOCALHOST", 200), ("evil.example", 403),
     ("localhost.evil.example", 403), ("127.0.0.1.evil.example:80", 403), ("", 403), ("192.168.1.5:8480", 403)],
)  # fmt: skip
def test_only_this_machine_is_a_host(still: httpx.Client, host: str, status: int) -> None:
    assert still.get("/state.json", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed(still: httpx.Client, method: str) -> None:
    assert still.request(method, "/state.json").status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/clip/../../../etc/passwd.mp4", "/clip/..%2f..%2fetc%2fpasswd.mp4", "/thumb/01jz.jpg", "/%2e%2e/page.py",
     f"/thumb/{ulid(1)[:-1]}%0a.jpg", "/live/GATE.jpg", "/live/..%2fgate.mjpeg", "/page.py", "/static/page.js"],
)  # fmt: skip
def test_odd_addresses_lead_nowhere(still: httpx.Client, path: str) -> None:
    assert still.get(path).status_code == 404


def test_it_listens_on_loopback_only(address: str) -> None:
    port = int(address.rsplit(":", 1)[1])
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", port))


def test_events_and_state_speak_both_languages(client: httpx.Client, node: Node) -> None:
    node.add(event(1))
    row = client.get("/events.json").json()["events"][0]
    assert (row["id"], row["severity"], row["clip"], row["thumb"]) == (ulid(1), "alert", "uploaded", True)
    assert row["text"]["vi"].startswith("Người trong vùng cấm")
    state = client.get("/state.json").json()
    assert state["cameras"][0]["tracks"] == 3
    assert state["cameras"][0]["age_s"] >= 0.2
    assert {tile["level"] for tile in state["tiles"]} == {"good"}


def test_the_clock_is_told_also_when_health_is_silent_about_it(client: httpx.Client, node: Node) -> None:
    node.health = {}
    levels = {tile["key"]: tile["level"] for tile in client.get("/state.json").json()["tiles"]}
    assert levels["clock"] == ("good" if node.clock.trusted() else "mind")
    assert levels["link"] == "unknown"


def test_a_door_that_fails_is_said_in_plain_words_and_the_rest_goes_on(client: httpx.Client, node: Node) -> None:
    node.broken = StorageError(Text("The database is damaged", "Cơ sở dữ liệu bị hỏng"), code="storage")
    answer = client.get("/events.json")
    assert (answer.status_code, answer.text) == (503, f"{node.broken}.\n")
    assert client.get("/state.json").status_code == 200


def test_thumbnail_and_clip_arrive_whole_and_in_ranges(client: httpx.Client, node: Node, clip: Path) -> None:
    node.add(event(2))
    assert client.get(f"/thumb/{ulid(2)}.jpg").content == node.thumbs[ulid(2)]
    whole = client.get(f"/clip/{ulid(2)}.mp4")
    assert (whole.content, whole.headers["Content-Type"]) == (clip.read_bytes(), "video/mp4")
    part = client.get(f"/clip/{ulid(2)}.mp4", headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, clip.read_bytes()[100:300])
    assert client.get(f"/clip/{ulid(2)}.mp4", headers={"Range": "bytes=99999999-"}).status_code == 416
    assert client.get(f"/clip/{ulid(3)}.mp4").text == "Thiết bị không có clip này.\n"
    node.clips[ulid(4)] = clip.with_name("expired.mp4")
    assert client.get(f"/clip/{ulid(4)}.mp4").status_code == 404


def test_one_picture(client: httpx.Client, node: Node) -> None:
    decoded = scene.decoded(client.get("/live/gate.jpg").content)
    assert decoded.shape == (540, 960, 3)
    vi, en = client.get("/live/gate.jpg?lang=vi"), client.get("/live/gate.jpg?lang=en")
    assert vi.content != en.content
    node.live.clear()
    assert client.get("/live/gate.jpg").status_code == 503
    assert client.get("/live/yard.jpg").status_code == 404


def test_the_stream_follows_the_frames(client: httpx.Client, node: Node) -> None:
    with client.stream("GET", "/live/gate.mjpeg") as stream:
        assert stream.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=picture"
        parts = pictures(stream)
        seen = [next(parts)]
        for seq in (2, 3):
            node.show(3.0 + seq, seq)
            fresh = next(part for part in parts if part != seen[-1])
            assert scene.decoded(fresh).shape == (540, 960, 3)
            seen.append(fresh)
    assert len(set(seen)) == 3


def test_nothing_is_drawn_while_nobody_watches(client: httpx.Client, node: Node) -> None:
    client.get("/events.json")
    asked = node.asked
    for seq in range(5):
        node.show(0.0, seq)
        client.get("/health.json")
    assert node.asked == asked


def test_a_fifth_viewer_is_refused_until_one_leaves(address: str, client: httpx.Client, node: Node) -> None:
    with ExitStack() as watching:
        streams = [watching.enter_context(httpx.stream("GET", f"{address}/live/gate.mjpeg")) for _ in range(4)]
        watched = [pictures(stream) for stream in streams]  # kept: a generator that goes closes its stream
        assert all(next(parts) for parts in watched)
        refused = client.get("/live/gate.mjpeg")
        assert (refused.status_code, refused.text[:17]) == (503, "Đã có 4 người đan")
        node.live.clear()  # also while the camera gives nothing, who leaves makes room
        streams[0].close()
        for _ in range(200):
            with client.stream("GET", "/live/gate.mjpeg") as stream:
                if stream.status_code == 200:
                    return
        pytest.fail("the place of the one who left stays taken")


def test_it_ends_with_viewers_connected(node: Node) -> None:
    with ExitStack() as watching:
        with serving(node) as url:
            stream = watching.enter_context(httpx.stream("GET", f"{url}/live/gate.mjpeg", timeout=60))
            parts = pictures(stream)
            assert next(parts)
        for _ in parts:  # the rest of the stream, then its end
            pass
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_a_taken_port_is_a_fault_that_names_it_and_ends_by_itself(node: Node) -> None:
    faults = Faults()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        worker = Worker(
            "page",
            lambda _: PageJob(PageSection(port=port), node.data(), node.clock),
            faults,
            Backoff(0.01),
            node.clock,
        )
        worker.start()
        error = faults.errors.get(timeout=60)
        assert error.code == "page_port"
        assert str(port) in error.text.en
        assert str(port) in error.text.vi
        assert error.hint is not None
    with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
        assert client.get(f"http://127.0.0.1:{port}/state.json", timeout=60).status_code == 200
    worker.stop()
    assert worker.join(60)


def test_a_node_without_a_page_does_not_load_aiohttp() -> None:
    code = "import sys, agent.installer.page, agent.installer.overlay; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
