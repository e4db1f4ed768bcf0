"""The `cameras:` section that a person can paste: found cameras in, YAML with comments in their language out.

It loads as it stands: ids are unique, no more cameras than the configuration takes, no password in it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.capture.find.found import PLAYABLE, FoundCamera, FoundStream
from agent.capture.find.strangers import plain
from agent.capture.find.trial import TIMEOUT, Trial
from agent.config.camera import CameraSection
from agent.i18n import Language, Text

MAX_CAMERAS = 8  # of one configuration
PASSWORDS = "/etc/camera-agent"
_BARE = re.compile(r"[A-Za-z/][A-Za-z0-9/_.+-]*(?:://[A-Za-z0-9/_.:-]*[A-Za-z0-9/_])?")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the cameras were asked with, as the configuration names it."""

    username: str
    password_file: Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A found camera under the id that it gets, and what came when its streams were tried."""

    id: str
    found: FoundCamera
    credentials: Credentials | None = None
    main: Trial | None = None
    sub: Trial | None = None

    @property
    def usable(self) -> bool:
        """It can stand in a configuration."""
        return self.found.main is not None

    def settings(self) -> dict[str, Any]:
        """The camera's section as the YAML will have it."""
        stream = self.found.main
        if stream is None:
            return {}
        made: dict[str, Any] = {"id": self.id}
        if self.found.name:
            made["label"] = self.found.name
        made["source"] = stream.address
        if self.found.sub is not None and (self.sub is None or self.sub.error is None):
            made["sub"] = self.found.sub.address
        wants_login = self.main is not None and self.main.error is not None and self.main.error.code == "camera_auth"
        if self.found.kind == "rtsp" and self.credentials is not None:
            made |= {"username": self.credentials.username, "password_file": str(self.credentials.password_file)}
        elif self.found.kind == "rtsp" and wants_login:
            made |= {"username": "admin", "password_file": f"{PASSWORDS}/{self.id}.password"}
        if self.found.kind == "rtsp" and stream.codec and stream.codec not in PLAYABLE:
            made["transcode"] = True
        return made

    def section(self, stream: FoundStream) -> CameraSection:
        """A section for trying one stream of it."""
        made = {key: value for key, value in self.settings().items() if key in ("id", "username", "password_file")}
        coded = bool(stream.codec) and stream.codec not in PLAYABLE
        return CameraSection.model_validate(
            {**made, "source": stream.address, "timeout": TIMEOUT, "transcode": True if coded else None}
        )


def entries(cameras: tuple[FoundCamera, ...], credentials: Credentials | None) -> tuple[Entry, ...]:
    """Ids for the usable ones: camera-1, camera-2 …"""
    made = []
    number = 0
    for camera in cameras:
        number += camera.main is not None
        made.append(Entry(f"camera-{number}" if camera.main else "", camera, credentials))
    return tuple(made)


def snippet(found: tuple[Entry, ...], language: Language) -> str:
    """The YAML; comments only when no camera is usable."""
    usable = [entry for entry in found if entry.usable]
    lines = [f"# {_RENAME.say(language)}", "cameras:"] if usable else []
    for number, entry in enumerate(usable):
        beyond = number >= MAX_CAMERAS
        if number == MAX_CAMERAS:
            lines.append(f"  # {_MORE.say(language)}")
        lines += [f"  # {comment}" for comment in _comments(entry, language)]
        lines += [f"  {'# ' if beyond else ''}{line}" for line in _yaml(entry.settings())]
    indent = "  " if usable else ""
    for entry in found:
        if not entry.usable:
            lines += [f"{indent}# {comment}" for comment in _comments(entry, language)]
    return "\n".join(lines) + "\n" if lines else ""


def _yaml(settings: dict[str, Any]) -> Iterator[str]:
    for number, (key, value) in enumerate(settings.items()):
        yield f"{'- ' if number == 0 else '  '}{key}: {_scalar(value)}"


def _scalar(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    bare = _BARE.fullmatch(value) is not None and value.lower() not in _WORDS
    return value if bare else json.dumps(value, ensure_ascii=False)


def _comments(entry: Entry, language: Language) -> Iterator[str]:
    found = entry.found
    streams = [stream.shape for stream in (found.main, found.sub) if stream is not None and stream.shape]
    yield plain(": ".join(part for part in (f"{found.place} {found.name}".strip(), " + ".join(streams)) if part), 200)
    for note in found.notes:
        yield "  " + plain(note.say(language), 300)
    for stream, trial in ((_MAIN, entry.main), (_SUB, entry.sub)):
        if trial is None:
            continue
        if trial.error is None:
            yield f"  {_CAME.say(language)} {stream.say(language)} {trial.shape}"
        else:
            hint = trial.error.hint
            failed = f"{_FAILED.say(language)} {stream.say(language)}. {trial.error.text.say(language)}"
            yield "  " + plain(failed if hint is None else f"{failed}. {hint.say(language)}", 500)


_RENAME = Text(
    en="Found by `camera-agent probe`. Give each `id` a name of its place, like gate-1: it is part of every message",
    vi="Do `camera-agent probe` tìm thấy. Hãy đặt `id` theo nơi lắp, như cong-1: tên này có trong mọi tin nhắn",
)
_MORE = Text(en="one node takes eight cameras; the rest:", vi="một thiết bị dùng được tám camera; số còn lại:")
_CAME = Text(en="tried, it plays:", vi="đã thử, có hình:")
_FAILED = Text(en="tried, it does not play:", vi="đã thử, không có hình:")
_MAIN = Text(en="main stream", vi="luồng chính")
_SUB = Text(en="sub stream", vi="luồng phụ")
