"""What is not a tus server's success: captive portals, redirects, refusals, busy answers."""

import base64
from pathlib import Path

import pytest

from agent.errors import LinkError
from agent.uplink.login import Login
from agent.worker import Outcome
from tests.uplink.canned import TUS, Canned, canned
from tests.uplink.shelf import Shelf, make_clip, make_job, run_dry

PORTAL = Canned(200, {"Content-Type": "text/html"}, b"<html>Welcome to free Wi-Fi</html>" * 100)
CREATED = Canned(201, TUS | {"Location": "{url}/a"})
LOGIN = Login("cam", "canary")


def made_at(url: str, shelf: Shelf) -> str:
    shelf.created(next(iter(shelf.clips)), url)
    shelf.log.clear()
    return url


@pytest.mark.parametrize(
    "answer", [PORTAL, Canned(302, {"Location": "http://login.example/"}), Canned(201, {"Location": "{url}/a"})]
)
@pytest.mark.fault("B24", "upload: a portal answers 200 with HTML")
def test_a_portal_is_not_a_success_and_costs_nothing(tmp_path: Path, answer: Canned) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(answer) as server, pytest.raises(LinkError) as caught:
        make_job(server.url, shelf).run_once()
    assert caught.value.code == "upload_unreachable"
    assert "Wi-Fi" in str(caught.value)
    assert shelf.log == []
    assert len(server.asked) == 1  # the redirect was not followed


@pytest.mark.parametrize("answer", [PORTAL, Canned(404), Canned(403)])
@pytest.mark.fault("B24", "upload: a portal amid an upload")
def test_a_portal_does_not_make_us_forget_an_upload(tmp_path: Path, answer: Canned) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(answer) as server:
        made_at(f"{server.url}/a", shelf)
        with pytest.raises(LinkError):
            make_job(server.url, shelf).run_once()
        assert server.methods == ["HEAD"]
    assert "created" not in shelf.log


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.fault("B28", "upload: 404, 410")
def test_gone_starts_anew(tmp_path: Path, status: int) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(status, TUS), CREATED) as server:
        made_at(f"{server.url}/old", shelf)
        assert make_job(server.url, shelf).run_once() is Outcome.WORKED
        assert server.methods == ["HEAD", "POST"]
    assert shelf.log == ["created"]


@pytest.mark.fault("B24", "upload: sent on to another origin")
def test_nothing_goes_to_another_origin(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(200, TUS)) as foreign:
        with (
            canned(Canned(201, TUS | {"Location": f"{foreign.url}/a"})) as server,
            pytest.raises(LinkError) as caught,
        ):
            make_job(server.url, shelf, login=LOGIN).run_once()
        assert caught.value.code == "upload_refused"
        made_at(f"{foreign.url}/old", shelf)  # from before the address in the configuration changed
        with canned(CREATED) as server:
            make_job(server.url, shelf, login=LOGIN).run_once()
            assert server.asked[0][2]["authorization"].startswith("Basic ")
        assert foreign.asked == []
    assert shelf.log == ["created"]


@pytest.mark.parametrize("location", ["", "http://[", "//elsewhere.example/a", "ftp://127.0.0.1/a", "{url}/\x7fa"])
def test_a_location_that_is_no_place_of_ours(tmp_path: Path, location: str) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(201, TUS | {"Location": location})) as server, pytest.raises(LinkError) as caught:
        make_job(server.url, shelf).run_once()
    assert caught.value.code == "upload_refused"
    assert shelf.log == ["failed"]


@pytest.mark.parametrize("offset", ["", "-1", "1e3", "9" * 5000])
def test_an_offset_that_is_no_number(tmp_path: Path, offset: str) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(200, TUS | {"Upload-Offset": offset})) as server:
        made_at(f"{server.url}/a", shelf)
        with pytest.raises(LinkError):
            make_job(server.url, shelf).run_once()
    assert shelf.log == ["failed"]


@pytest.mark.parametrize(("status", "code"), [(401, "upload_auth"), (403, "upload_auth"), (500, "upload_refused")])
@pytest.mark.fault("B28", "upload: refused for good")
def test_refusals(tmp_path: Path, status: int, code: str) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(status, TUS)) as server, pytest.raises(LinkError) as caught:
        make_job(server.url, shelf).run_once()
    assert caught.value.code == code
    assert shelf.log == (["failed"] if code == "upload_refused" else [])


@pytest.mark.parametrize(
    "answer",
    [
        Canned(429, {"Retry-After": "7"}),
        Canned(503, TUS | {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        Canned(423, TUS),
        Canned(429, {"Retry-After": "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"}),
        Canned(429, {"Retry-After": "9" * 400}),
    ],
)
@pytest.mark.fault("B28", "upload: 429 and 503 with Retry-After")
def test_a_busy_server_is_left_alone_for_a_while(tmp_path: Path, answer: Canned) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(answer) as server:
        job = make_job(server.url, shelf)
        assert [job.run_once(), job.run_once()] == [Outcome.IDLE, Outcome.IDLE]
        assert len(server.asked) == 1
    assert shelf.log == []


@pytest.mark.fault("B28", "upload: 409")
def test_a_conflict_asks_for_the_offset_and_does_not_go_round_for_ever(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    offset, conflict = Canned(200, TUS | {"Upload-Offset": "10"}), Canned(409, TUS)
    with canned(offset, conflict, offset, conflict, offset, conflict, CREATED) as server:
        made_at(f"{server.url}/a", shelf)
        job = make_job(server.url, shelf)
        job.run_once()
        job.run_once()
        with pytest.raises(LinkError):
            job.run_once()
        assert server.methods == ["HEAD", "PATCH"] * 3 + ["POST"]
    assert shelf.log == ["created", "failed"]


@pytest.mark.fault("B28", "upload: the checksum does not match")
def test_bytes_that_the_line_spoilt_are_sent_anew(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(200, TUS | {"Upload-Offset": "0"}), Canned(460, TUS), Canned(404, TUS), CREATED) as server:
        made_at(f"{server.url}/old", shelf)
        make_job(server.url, shelf).run_once()
        assert server.methods == ["HEAD", "PATCH", "HEAD", "POST"]
        assert "upload-checksum" not in server.asked[1][2]  # it was not offered
        assert shelf.clips[next(iter(shelf.clips))].upload_url == f"{server.url}/a"
    assert shelf.log == ["failed", "created"]


def test_a_piece_carries_its_checksum_where_the_server_checks_it(tmp_path: Path) -> None:
    clip = make_clip(tmp_path, 1000)
    shelf = Shelf(clip)
    at_start, all_there = Canned(200, TUS | {"Upload-Offset": "0"}), Canned(204, TUS | {"Upload-Offset": "1000"})
    with canned(at_start, Canned(460, TUS), at_start, all_there) as server:
        server.options = Canned(204, TUS | {"Tus-Checksum-Algorithm": "md5, sha256"})
        made_at(f"{server.url}/a", shelf)
        job = make_job(server.url, shelf)
        run_dry(job, shelf)
        assert server.methods == ["HEAD", "PATCH", "HEAD", "PATCH"]
        digest = base64.b64encode(bytes.fromhex(clip.sha256)).decode()
        assert [headers.get("upload-checksum") for _, _, headers in server.asked][1::2] == [f"sha256 {digest}"] * 2
    assert shelf.log == ["failed", "progress 1000", "acked"]


@pytest.mark.fault("B28", "upload: no piece is ever taken as it was sent")
@pytest.mark.parametrize("forgets", [False, True])
def test_a_server_that_finds_every_piece_spoilt_is_left_alone(tmp_path: Path, forgets: bool) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    at_start, spoilt = Canned(200, TUS | {"Upload-Offset": "0"}), Canned(460, TUS)
    between = [Canned(404, TUS), CREATED] if forgets else [at_start]
    answers = [at_start, spoilt, *between, spoilt, *between, spoilt, at_start, spoilt]
    with canned(*answers) as server:
        made_at(f"{server.url}/a", shelf)
        job = make_job(server.url, shelf)
        job.run_once()
        job.run_once()
        for _ in range(2):  # the worker rests after each
            with pytest.raises(LinkError) as caught:
                job.run_once()
            assert caught.value.code == "upload_refused"
        assert server.methods.count("PATCH") == 4
        job.close()
    assert shelf.log.count("failed") == 4


def test_a_checksum_that_a_portal_offers_is_not_believed(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(200, TUS | {"Upload-Offset": "0"}), Canned(204, TUS | {"Upload-Offset": "1000"})) as server:
        server.options = Canned(200, {"Tus-Checksum-Algorithm": "sha256"})
        made_at(f"{server.url}/a", shelf)
        run_dry(make_job(server.url, shelf), shelf)
        assert "upload-checksum" not in server.asked[1][2]


@pytest.mark.parametrize("told", ["0", "10", "1001", "9" * 18])
@pytest.mark.fault("B28", "upload: pieces are taken and the offset stays, falls or leaps")
def test_an_offset_that_cannot_be_does_not_go_round_for_ever(tmp_path: Path, told: str) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    head, patch = Canned(200, TUS | {"Upload-Offset": "10"}), Canned(204, TUS | {"Upload-Offset": told})
    with canned(head, patch, head, patch, head, patch, CREATED) as server:
        made_at(f"{server.url}/a", shelf)
        job = make_job(server.url, shelf)
        job.run_once()
        job.run_once()
        with pytest.raises(LinkError, match="contradicts"):
            job.run_once()
    assert shelf.log == ["created", "failed"]


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.fault("B28", "upload: each place is gone as soon as a piece was sent")
def test_a_server_that_forgets_each_place_is_left_alone(tmp_path: Path, taken: bool) -> None:
    shelf = Shelf(make_clip(tmp_path, 100_000))
    some = [Canned(204, TUS | {"Upload-Offset": "64000"})] if taken else []
    with canned(CREATED, *[*some, Canned(404, TUS), CREATED] * 3) as server:
        job = make_job(server.url, shelf)
        for _ in range(3 * (len(some) + 1)):
            job.run_once()
        with pytest.raises(LinkError, match="contradicts"):
            job.run_once()
    assert shelf.log.count("created") == 4 and shelf.log[-1] == "failed"


def test_all_bytes_there_is_success_without_sending(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with canned(Canned(200, TUS | {"Upload-Offset": "1000"})) as server:
        made_at(f"{server.url}/a", shelf)
        make_job(server.url, shelf).run_once()
        assert server.methods == ["HEAD"]
    assert shelf.log == ["progress 1000", "acked"]


@pytest.mark.fault("B24", "upload: the name is unknown to DNS")
def test_an_address_that_nobody_knows(tmp_path: Path) -> None:
    shelf = Shelf(make_clip(tmp_path, 1000))
    with pytest.raises(LinkError, match="DNS"):
        make_job("http://no-such-host.invalid/files", shelf).run_once()
