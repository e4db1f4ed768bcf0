"""What an authority may answer besides a certificate, told apart; and who never gets the token."""

import base64
import ssl

import pytest

from agent.clock import Clock
from agent.errors import LinkError
from agent.uplink import Login
from agent.uplink.est import ANSWER_BYTES, EstClient
from tests.uplink.canned import Canned, CannedServer, canned

LOGIN = Login("node-1", "s3cret")
CONTEXT = ssl.create_default_context()


def first(server: CannedServer, path: str = "") -> bytes:
    with EstClient(server.url.removesuffix("/files") + path, CONTEXT, Clock()) as client:
        return client.first(b"request", LOGIN)


def refused(*answers: Canned) -> LinkError:
    with canned(*answers) as server, pytest.raises(LinkError) as caught:
        first(server)
    assert "s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    return caught.value


@pytest.mark.parametrize("path", ["", "/", "/.well-known/est", "/.well-known/est/", "/.well-known/est/ward-1"])
def test_what_is_asked(path: str) -> None:
    with canned(Canned(200, body=base64.encodebytes(b"answer" * 30))) as server:
        assert first(server, path) == b"answer" * 30
    ((method, asked, headers),) = server.asked
    label = "ward-1/" if "ward-1" in path else ""
    assert (method, asked) == ("POST", f"/.well-known/est/{label}simpleenroll")
    assert headers["authorization"] == "Basic " + base64.b64encode(b"node-1:s3cret").decode()
    assert headers["content-type"] == "application/pkcs10"


@pytest.mark.parametrize(
    ("status", "body", "en", "vi"),
    [
        (403, b"token_used: x", "the token has been used already", "đã được dùng"),
        (403, b"token_expired", "the token has expired", "đã hết hạn"),
        (401, b"token_wrong: x", "the token is wrong", "sai"),
        (401, b"<html>", "does not accept the token", "không chấp nhận mã"),
        (403, b"already_enrolled: x", "is enrolled already", "đã có thiết bị"),
        (403, b"revoked: x", "has revoked", "thu hồi"),
        (429, b"too_often: x", "too many requests", "quá nhiều"),
        (202, b"", "has not agreed yet", "chưa duyệt"),
        (404, b"<html>{host} {0}</html>", "(HTTP 404)", "(HTTP 404)"),
        (500, b"\xff\xfe{", "(HTTP 500)", "(HTTP 500)"),
        (503, b"busy: {x}", "(HTTP 503, busy)", "(HTTP 503, busy)"),
        (302, b"", "(HTTP 302)", "(HTTP 302)"),
        (200, b"<html>log in</html>", "is no certificate", "không trả về chứng chỉ"),
        (200, b"A" * (ANSWER_BYTES + 1), "is no certificate", "không trả về chứng chỉ"),
    ],
)
def test_each_refusal_has_its_words(status: int, body: bytes, en: str, vi: str) -> None:
    error = refused(Canned(status, {"Location": "{url}/elsewhere"} if status == 302 else {}, body))
    assert en in error.text.en and vi in error.text.vi


def test_a_redirect_is_not_followed_with_the_token() -> None:
    with canned(Canned(200)) as other, canned(Canned(307, {"Location": other.url})) as server:
        with pytest.raises(LinkError):
            first(server)
        assert other.asked == []
