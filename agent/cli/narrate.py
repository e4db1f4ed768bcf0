"""Turns messages of the contract into lines for the terminal: time, a sign, one plain sentence."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from agent.contract.base import Words
from agent.contract.birth import BirthMessage
from agent.contract.commands import ResponseMessage
from agent.contract.event import ClipMedia, EventMessage
from agent.contract.health import HealthMessage
from agent.contract.jobs import JobMessage
from agent.contract.messages import AvailabilityMessage, FaultMessage
from agent.contract.words import availability_words, event_words, fault_words, health_words
from agent.digest import sha256
from agent.i18n import Language, Text
from agent.values import Phase, Severity

SIGNS = {Severity.INFO: "·", Severity.WARNING: "!", Severity.ALERT: "‼"}
MAX_REMEMBERED = 2000


class Narrator:
    """One per watched node. `uploads`: where the upload server keeps its files, to check clips against their word."""

    def __init__(self, labels: Mapping[str, str], language: Language, uploads: Path | None = None) -> None:
        self._labels = labels
        self._language = language
        self._uploads = uploads
        self._told: dict[str, set[str]] = {}  # event id -> the steps of its life that were told
        self._faults: dict[str, Words] = {}  # code -> what was told

    def line(self, topic: str, payload: bytes) -> str | None:
        """What to print, or None for what needs no words (updates, thumbnails)."""
        levels = topic.split("/")[4:]
        try:
            text = self._text(levels, payload)
        except (ValidationError, UnicodeDecodeError):
            text = Text(en=f"unreadable message on {topic}", vi=f"tin không đọc được trên {topic}")
        if text is None:
            return None
        return f"{datetime.now().astimezone():%H:%M:%S}  {text.say(self._language)}"

    def _text(self, levels: list[str], payload: bytes) -> Text | None:
        match levels:
            case ["availability"]:
                return availability_words(AvailabilityMessage.model_validate_json(payload))
            case ["birth"]:
                return birth_words(BirthMessage.model_validate_json(payload))
            case ["health"]:
                return health_words(HealthMessage.model_validate_json(payload))
            case ["fault", code]:
                return self._fault(code, payload)
            case ["cam", _, "event", _]:
                return self._event(EventMessage.model_validate_json(payload))
            case ["rsp", _]:
                return response_words(ResponseMessage.model_validate_json(payload))
            case ["job", _] if payload:
                return job_words(JobMessage.model_validate_json(payload))
        return None

    def _fault(self, code: str, payload: bytes) -> Text | None:
        if payload:
            fault = FaultMessage.model_validate_json(payload)
            self._faults[code] = fault.text
            told = fault_words(fault)
            return Text(en=f"✗ {told.en}", vi=f"✗ {told.vi}")
        over = self._faults.pop(code, None)
        if over is None:
            return None  # cleared before we came
        return Text(en=f"✓ no longer so: {over.en}", vi=f"✓ đã hết: {over.vi}")

    def _event(self, event: EventMessage) -> Text | None:
        clip = event.media.clip
        step = "uploaded" if clip.state == "uploaded" else event.phase.value
        told = self._told.setdefault(event.id, set())
        while len(self._told) > MAX_REMEMBERED:
            self._told.pop(next(iter(self._told)))
        if event.phase is Phase.UPDATE or step in told:
            return None
        told.add(step)
        words = event_words(event, self._labels.get(event.cam, event.cam))
        if step == "uploaded":
            return _marked("▶", words, self._checked(clip))
        return _marked(SIGNS[event.severity], words)

    def _checked(self, clip: ClipMedia) -> Text:
        size = f"{(clip.bytes or 0) / 1e6:.2f} MB"
        if self._uploads is None or not clip.url:
            return Text(en=f"({size})", vi=f"({size})")
        path = self._uploads / clip.url.rstrip("/").rsplit("/", 1)[-1]
        try:
            same = sha256(path) == clip.sha256
        except OSError:
            return Text(en=f"({size}) ✗ not in the upload directory", vi=f"({size}) ✗ không có trong thư mục nhận tệp")
        if same and path.stat().st_size == clip.bytes:
            short = (clip.sha256 or "")[:12]
            return Text(en=f"({size}, sha256 {short}… ✓)", vi=f"({size}, sha256 {short}… ✓ khớp)")
        return Text(en=f"({size}) ✗ differs from what the node sent", vi=f"({size}) ✗ khác với bản thiết bị đã gửi")


def _marked(sign: str, words: Text, more: Text | None = None) -> Text:
    en, vi = f"{sign} {words.en}", f"{sign} {words.vi}"
    return Text(en=f"{en} {more.en}", vi=f"{vi} {more.vi}") if more else Text(en=en, vi=vi)


def birth_words(birth: BirthMessage) -> Text:
    """Who has come."""
    cameras = ", ".join(camera.label or camera.id for camera in birth.cameras)
    rules = len(birth.rules)
    word = "rule" if rules == 1 else "rules"
    model = ", ".join(model.name for model in birth.models)
    return Text(
        en=f"Node: agent {birth.agent.version}, camera {cameras}, {rules} {word}, "
        f"model {model or 'none (motion only)'}",
        vi=f"Thiết bị: phiên bản {birth.agent.version}, camera {cameras}, {rules} luật, "
        f"mô hình {model or 'không có (chỉ báo chuyển động)'}",
    )


def response_words(response: ResponseMessage) -> Text:
    """The answer to a command."""
    result_vi = {"accepted": "đã nhận", "rejected": "bị từ chối", "done": "đã xong"}[response.result]
    why = f" ({response.code.value})" if response.code else ""
    return Text(en=f"↩ {response.command}: {response.result}{why}", vi=f"↩ {response.command}: {result_vi}{why}")


def job_words(job: JobMessage) -> Text:
    """How far a job is."""
    why = job.reason.text() if job.reason else None
    en, vi = (f" ({why.en})", f" ({why.vi})") if why else ("", "")
    return Text(en=f"↑ job {job.job_id}: {job.state}{en}", vi=f"↑ công việc {job.job_id}: {job.state}{vi}")
