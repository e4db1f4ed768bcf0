"""Whose upload it is, by certificate, at the real tus server; and who may publish live pictures."""

import base64
import hashlib
import json
import shutil
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import httpx
import pytest

from agent.clock import Clock
from agent.config.model import TlsSection, UplinkSection, UploadSection
from agent.i18n import Text
from agent.uplink.stats import LinkStats
from agent.uplink.upload import UploadJob, UploadLink
from deploy.ward import issue
from deploy.ward.certificates import Certificates
from deploy.ward.line import context
from deploy.ward.uploads import install_server, start_script
from deploy.ward.ward import default_cache
from tests.uplink.shelf import Shelf, make_clip, make_governor, run_dry
from tests.ward.conftest import Whole

TUS = {"Tus-Resumable": "1.0.0"}
DATA = b"0123456789" * 100


@pytest.fixture
def client(whole: Whole) -> Iterator[Callable[[Certificates], httpx.Client]]:
    opened: list[httpx.Client] = []

    def make(certificates: Certificates) -> httpx.Client:
        base = f"https://127.0.0.1:{whole.ward.ports.uploads}"
        opened.append(httpx.Client(base_url=base, verify=context(certificates), headers=TUS, timeout=20))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def metadata(**words: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in words.items())


def create(http: httpx.Client, node: str, filename: str = "x.mp4", size: int = len(DATA)) -> httpx.Response:
    told = metadata(node=node, id="01JZ0000000000000000000001", filename=filename)
    return http.post("/files", headers={"Upload-Length": str(size), "Upload-Metadata": told})


def patch(http: httpx.Client, url: str, offset: int, data: bytes) -> httpx.Response:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return http.patch(url, headers=headers, content=data)


def test_a_node_uploads_and_goes_on(whole: Whole, client: Callable[[Certificates], httpx.Client]) -> None:
    http = client(whole.node("up-1"))
    made = create(http, "up-1", "gate.MP4")
    assert made.status_code == 201
    url = made.headers["Location"]
    assert patch(http, url, 0, DATA[:400]).status_code == 204
    assert http.head(url).headers["Upload-Offset"] == "400"
    assert patch(http, url, 400, DATA[400:]).status_code == 204
    name = url.rpartition("/")[2]
    assert name.startswith("up-1.01JZ0000000000000000000001-")
    assert name.endswith(".mp4")
    assert (whole.ward.site.uploads / name).read_bytes() == DATA


@pytest.mark.parametrize(
    ("filename", "ending"),
    [
        ("clip.mp4", ".mp4"),
        ("clip.mp4.locked", ".locked"),
        ("clip.manifest.json", ".json"),
        ("a.jpg", ".jpg"),
        ("none", ""),
        ("../../x.sh/..", ""),
        ("x.%2e%2e", ""),
    ],
)
def test_the_name_keeps_the_files_ending(
    whole: Whole, client: Callable[[Certificates], httpx.Client], filename: str, ending: str
) -> None:
    url = create(client(whole.node("up-1")), "up-1", filename).headers["Location"]
    name = url.rpartition("/")[2]
    assert Path(name.partition(".")[2]).suffix == ending
    assert (whole.ward.site.uploads / name).exists()


def test_what_is_another_nodes_is_not_there(whole: Whole, client: Callable[[Certificates], httpx.Client]) -> None:
    owner, thief = client(whole.node("up-2")), client(whole.node("up-3"))
    url = create(owner, "up-2").headers["Location"]
    patch(owner, url, 0, DATA[:10])
    name = url.rpartition("/")[2]
    missing = thief.head("/files/up-2.nothing-0.mp4").status_code
    assert missing == 404
    for path in (
        url,
        f"/files/up-3.%2f..%2f{name}",
        f"/files/up-3./../{name}",
        f"/files/x/{name}",
        f"/files/{name}.json",
    ):
        assert thief.head(path).status_code in {403, 404}, path
        assert patch(thief, path, 10, b"forged").status_code in {400, 403, 404}, path
        assert thief.delete(path).status_code in {403, 404}, path
        assert thief.get(path).status_code in {403, 404}, path
        assert thief.post(path, headers={"X-HTTP-Method-Override": "DELETE"}).status_code >= 400
        over = thief.post(path, headers={"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "10"}, content=b"forged")
        assert over.status_code >= 400
    assert owner.head(url).headers["Upload-Offset"] == "10"
    assert (whole.ward.site.uploads / name).read_bytes() == DATA[:10]


@pytest.mark.parametrize("node", ["up-5", "", "up-4.x", "up-4/../up-5", "UP-4", "up"])
def test_nobody_uploads_in_anothers_name(
    whole: Whole, client: Callable[[Certificates], httpx.Client], node: str
) -> None:
    before = set(whole.ward.site.uploads.iterdir())
    assert create(client(whole.node("up-4")), node).status_code == 403
    assert set(whole.ward.site.uploads.iterdir()) == before


def test_without_metadata_nothing_is_made(whole: Whole, client: Callable[[Certificates], httpx.Client]) -> None:
    http = client(whole.node("up-4"))
    assert http.post("/files", headers={"Upload-Length": "5"}).status_code == 403
    assert http.post(
        "/files", headers={"Upload-Length": "2000000000", "Upload-Metadata": metadata(node="up-4")}
    ).is_error


def test_a_node_lists_fetches_and_removes_nothing(whole: Whole, client: Callable[[Certificates], httpx.Client]) -> None:
    http = client(whole.node("up-6"))
    url = create(http, "up-6").headers["Location"]
    patch(http, url, 0, DATA)
    for path in ("/", "/files", "/files/", url):
        assert http.get(path).status_code in {403, 404}
    assert http.delete(url).status_code == 403
    assert (whole.ward.site.uploads / url.rpartition("/")[2]).read_bytes() == DATA


def test_the_wards_people_fetch_and_change_nothing(
    whole: Whole, client: Callable[[Certificates], httpx.Client]
) -> None:
    node, desk = client(whole.node("up-7")), client(whole.role("desk"))
    url = create(node, "up-7").headers["Location"]
    patch(node, url, 0, DATA)
    assert desk.get(url).content == DATA
    assert desk.delete(url).status_code == 403
    assert patch(desk, url, len(DATA), b"more").status_code == 403
    assert create(desk, "up-7").status_code == 403
    assert create(desk, "ward.desk").status_code == 403


def test_only_certificates_of_the_ward(whole: Whole, tmp_path: Path) -> None:
    good = whole.node("up-8")
    stranger = issue(tmp_path / "other", "up-8")
    port = whole.ward.ports.uploads
    for certificates in (
        Certificates(good.ca, stranger.cert, stranger.key),
        Certificates(good.ca, whole.ward.site.tls / "server.pem", whole.ward.site.tls / "server.key"),
    ):
        with httpx.Client(verify=context(certificates), headers=TUS) as http, pytest.raises(httpx.TransportError):
            http.options(f"https://127.0.0.1:{port}/files")
    with (
        httpx.Client(verify=ssl.create_default_context(cafile=str(good.ca))) as http,
        pytest.raises(httpx.TransportError),
    ):
        http.options(f"https://127.0.0.1:{port}/files")


def test_a_revoked_certificate_uploads_no_more(whole: Whole) -> None:
    certificates = whole.node("up-9")
    url = f"https://127.0.0.1:{whole.ward.ports.uploads}/files"
    with httpx.Client(verify=context(certificates), headers=TUS) as http:
        assert http.options(url).status_code == 204
    assert whole.ward.authority is not None
    whole.ward.authority.revoke("up-9")
    assert eventually(lambda: refused(url, certificates))


def test_the_nodes_own_client_uploads(whole: Whole, tmp_path: Path) -> None:
    files = whole.node("node-1")  # the name that the shelf's link has
    clip = make_clip(tmp_path, 300_000, "01JZ00000000000000000WHXE1")
    shelf = Shelf(clip)
    tls = TlsSection(ca=files.ca, cert=files.cert, key=files.key)
    section = UploadSection.model_validate({"url": f"https://127.0.0.1:{whole.ward.ports.uploads}/files"})
    governor = make_governor(UplinkSection(yields=False), LinkStats(), Clock())
    run_dry(UploadJob(UploadLink("node-1", section, tls, None), shelf.doors(), governor, Event(), Clock()), shelf)
    (arrived,) = whole.ward.site.uploads.glob(f"node-1.{clip.id}-*.mp4")
    assert hashlib.sha256(arrived.read_bytes()).hexdigest() == clip.sha256


def refused(url: str, certificates: Certificates) -> bool:
    with httpx.Client(verify=context(certificates), headers=TUS) as http:
        try:
            http.options(url)
        except httpx.TransportError:
            return True
    return False


def eventually(ready: Callable[[], bool], seconds: float = 30) -> bool:
    """Asked again and again: the server looks at its lists every two seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.1)
    return False


def test_a_piece_that_would_fill_the_disk_is_refused(tmp_path: Path) -> None:
    """Also of an upload that did not say at its beginning how long it would be."""
    spare = 2 * 10**9
    keep = shutil.disk_usage(tmp_path).free - spare
    if keep <= 0:
        pytest.skip("the disk is full")
    told = {"directory": str(tmp_path), "port": 0, "maxSize": 10**11, "keepFree": keep}
    name = Text(en="the upload server", vi="máy chủ nhận clip")
    child, port = start_script(install_server(default_cache()) / "server.mjs", name, json.dumps(told), tmp_path / "log")
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=TUS, timeout=20) as http:
            assert http.post("/files", headers={"Upload-Length": str(3 * spare)}).status_code == 507
            made = http.post("/files", headers={"Upload-Defer-Length": "1"})
            assert made.status_code == 201
            place = urlsplit(made.headers["Location"]).path
            assert patch(http, place, 0, b"x" * 1000).status_code == 204
        head = f"PATCH {place} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 1000\r\n"
        head += f"Content-Type: application/offset+octet-stream\r\nContent-Length: {3 * spare}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), 20) as line:
            line.sendall(head.encode() + b"x" * 1000)
            assert b" 507 " in line.recv(100)
    finally:
        child.stop()
