"""`send`: one command to one node, its answer, and the job that comes of it until that ends.

A picture that is pushed live ends by itself when nobody says that he is looking: while `send live.start` runs, it says
so, and Ctrl-C ends the picture.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.contract.topics import Topics
from agent.i18n import Text, locale_language
from deploy.ward.certificates import Certificates
from deploy.ward.child import WardError
from deploy.ward.line import Door, Line
from deploy.ward.order import Letter, Order, write

WITH_JOBS = ("clip.request", "snapshot", "live.start", "config.apply", "config.rollback")
ENDED = ("done", "failed", "cancelled")
LOOK_S = 2.0  # for the node's retained availability
END_S = 5.0  # for the end of a live picture
NOT_ALLOWED = 128
DESK = "desk.json"


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with what an officer's desk needs: desk.json, ca.pem, desk.pem and desk.key."""

    ward: str
    prefix: str
    host: str
    port: int
    certificates: Certificates

    @classmethod
    def of(cls, folder: Path) -> "Desk":
        """Raises WardError when the folder is no desk's."""
        try:
            told = json.loads((folder / DESK).read_text(encoding="utf-8"))
            files = Certificates(folder / "ca.pem", folder / "desk.pem", folder / "desk.key")
            return cls(told["ward"], told["prefix"], told["host"], int(told["port"]), files)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WardError(
                Text(en=f"{folder} is no desk: {error}", vi=f"{folder} không phải thư mục bàn trực: {error}"),
                Text(en="make one with `camera-ward desk FOLDER`", vi="hãy tạo bằng `camera-ward desk THƯ_MỤC`"),
            ) from error

    def line(self) -> Line:
        """Connected. Raises WardError."""
        return Line(Door(self.host, self.port, self.certificates))


@dataclass(frozen=True, slots=True)
class Manner:
    """How to go about it."""

    wait_s: float = 900.0
    as_json: bool = False
    key: Ed25519PrivateKey | None = None


def send(desk: Desk, order: Order, manner: Manner, say: Callable[[str], None] = print) -> int:
    """0 when it was done, 1 when refused or failed, 3 when the node did not answer in time. Raises WardError."""
    write(replace(order, ward=desk.ward), manner.key)  # what the node would refuse is refused before anybody is asked
    topics = Topics(desk.prefix, desk.ward, order.node)
    with desk.line() as line:
        line.subscribe(topics.response("+"))
        line.subscribe(topics.job("+"))
        present = _availability(line, topics)
        if present.get("state") != "online":
            _complain(order.node, present.get("state"))
        letter = write(replace(order, ward=desk.ward, session=order.session or present.get("session")), manner.key)
        code = line.publish(topics.command(order.command), letter.payload, expiry_s=int(order.expires_in_s))
        if code >= NOT_ALLOWED:
            raise WardError(
                Text(en=f"the broker refuses the command ({code})", vi=f"máy chủ MQTT từ chối lệnh ({code})")
            )
        follower = Follower(desk, order, manner, letter)
        try:
            return follower.follow(line, say)
        except KeyboardInterrupt:
            follower.end(line, say)
            return 130


class Follower:
    """Hears the answer and the job of one letter."""

    def __init__(self, desk: Desk, order: Order, manner: Manner, letter: Letter) -> None:
        self._topics = Topics(desk.prefix, desk.ward, order.node)
        self._desk = desk
        self._order = order
        self._manner = manner
        self._letter = letter
        self._job: str | None = None
        self._keepalive_s: float | None = None

    def follow(self, line: Line, say: Callable[[str], None]) -> int:
        """Until the answer, or the end of its job."""
        for topic, body in self._messages(line, self._manner.wait_s):
            say(self._told(topic, body))
            if "result" in body:
                if body["result"] == "rejected":
                    return 1
                self._job = body.get("job_id") or self._job
                self._keepalive_s = ((body.get("answer") or {}).get("live") or {}).get("keepalive_s")
                # After "accepted" comes one more answer, or a job; of some commands the job goes on after both.
                if body["result"] == "done" and (self._job is None or self._order.command not in WITH_JOBS):
                    return 0
            elif body.get("state") in ENDED:
                return 0 if body["state"] == "done" else 1
        print(
            Text(
                en=f"nothing more in {self._manner.wait_s:g} s; the command stands",
                vi=f"không có thêm tin trong {self._manner.wait_s:g} giây; lệnh vẫn còn hiệu lực",
            ),
            file=sys.stderr,
        )
        return 3

    def end(self, line: Line, say: Callable[[str], None]) -> None:
        """Whoever stops looking says so, and hears for a moment what comes of it."""
        if self._keepalive_s is None:
            return
        self._keepalive_s = None
        self._say(line, "live.stop")
        for topic, body in self._messages(line, END_S):
            say(self._told(topic, body))
            if body.get("state") in ENDED:
                return

    def _told(self, topic: str, body: dict[str, Any]) -> str:
        if self._manner.as_json:
            return json.dumps({"topic": topic, "body": body}, ensure_ascii=False)
        return _words(body)

    def _messages(self, line: Line, wait_s: float) -> Iterator[tuple[str, dict[str, Any]]]:
        end_s = time.monotonic() + wait_s
        alive_s = 0.0
        while (left_s := end_s - time.monotonic()) > 0:
            if self._keepalive_s is not None and time.monotonic() >= alive_s:
                alive_s = time.monotonic() + self._keepalive_s / 3
                self._say(line, "live.keepalive")
            heard = line.hear(min(left_s, 1.0))
            if line.lost.is_set():
                raise WardError(
                    Text(en="the connection to the broker is lost", vi="mất kết nối tới máy chủ MQTT"),
                    Text(en="the command stands", vi="lệnh vẫn còn hiệu lực"),
                )
            if heard is None or not heard.payload:
                continue
            body = _object(heard.payload)
            about = body.get("request_id") == self._letter.request_id
            if about or ("state" in body and self._job is not None and body.get("job_id") == self._job):
                yield heard.topic, body

    def _say(self, line: Line, command: str) -> None:
        order = replace(self._order, ward=self._desk.ward, command=command, fields={"job_id": str(self._job)})
        letter = write(order, self._manner.key)
        line.publish(self._topics.command(command), letter.payload, expiry_s=60)


def _availability(line: Line, topics: Topics) -> dict[str, Any]:
    line.subscribe(topics.availability())
    end_s = time.monotonic() + LOOK_S
    while (left_s := end_s - time.monotonic()) > 0:
        heard = line.hear(left_s)
        if heard is not None and heard.topic == topics.availability():
            return _object(heard.payload)
    return {}


def _object(payload: bytes) -> dict[str, Any]:
    try:
        body = json.loads(payload)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _complain(node: str, state: str | None) -> None:
    if state is None:
        said = Text(
            en=f"{node} has not been heard here yet; if it has never come in, it will not hear this command",
            vi=f"chưa nhận được tin nào từ {node}; nếu thiết bị chưa từng kết nối thì sẽ không nhận được lệnh này",
        )
    else:
        said = Text(
            en=f"{node} is {state}; the command waits for it until it expires",
            vi=f"{node} đang ngắt kết nối; lệnh sẽ chờ thiết bị cho tới khi hết hạn",
        )
    print(said, file=sys.stderr)


def _words(body: dict[str, Any]) -> str:
    """One line for a person: result or state, how far, why."""
    language = locale_language()
    parts = [str(body.get("command") or body.get("kind")), str(body.get("result") or body.get("state"))]
    if body.get("code"):
        parts.append(f"({body['code']})")
    total, sent = body.get("bytes_total"), body.get("bytes_sent")
    if total:
        parts.append(f"{(sent or 0) / 1e6:.2f}/{total / 1e6:.2f} MB")
    if body.get("eta_s"):
        parts.append(f"~{body['eta_s']:.0f} s")
    for name in ("text", "reason", "error"):
        if isinstance(body.get(name), dict):
            parts.append(str(body[name].get(language)))
    for file in body.get("files") or ():
        parts.append(f"\n  {file.get('name')} {file.get('url') or ''}")
    if body.get("answer"):
        parts.append("\n" + json.dumps(body["answer"], indent=2, ensure_ascii=False))
    return " ".join(parts)
