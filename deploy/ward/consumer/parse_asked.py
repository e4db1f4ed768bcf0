"""What was asked of nodes, what they answered, and how far their jobs are."""

from datetime import datetime

from .fields import Fields
from .topics import Topic
from .values import Command, Job, JobFile, Response, Sender
from .words import Refusal, Words


def command(topic: Topic, fields: Fields, received_at: datetime) -> Command:
    """Only who asked for what; never a configuration, a signature or a token. Raises Refusal; so do all of these."""
    by = fields.maybe_part("by")
    return Command(
        node=topic.node,
        request_id=fields.text("request_id"),
        command=topic.name,
        issued_at=fields.when("issued_utc"),
        received_at=received_at,
        officer=by.maybe_text("officer"),
        case=by.maybe_text("case"),
        reason=by.maybe_text("reason"),
        cam=fields.maybe_text("cam"),
        from_at=fields.maybe_when("from_utc"),
        to_at=fields.maybe_when("to_utc"),
        until_at=fields.maybe_when("until_utc"),
        target=fields.maybe_text("job_id") or fields.maybe_text("hold_id"),
    )


def response(topic: Topic, sender: Sender, fields: Fields) -> Response:
    """A node's answer."""
    if fields.text("request_id") != topic.name:
        raise Refusal("schema", Words(en="request_id is not its topic's", vi="request_id khác với chủ đề"))
    text = fields.maybe_part("text")
    return Response(
        sender=sender,
        request_id=topic.name,
        command=fields.text("command"),
        result=fields.one_of("result", "accepted", "rejected", "done"),
        code=fields.maybe_text("code"),
        text_vi=text.maybe_text("vi"),
        text_en=text.maybe_text("en"),
        job_id=fields.maybe_text("job_id"),
        answer=_answer(topic, fields),
    )


def job(topic: Topic, sender: Sender, fields: Fields) -> Job:
    """How far a longer task is."""
    if fields.text("job_id") != topic.name:
        raise Refusal("schema", Words(en="job_id is not its topic's", vi="job_id khác với chủ đề"))
    span, error, reason = fields.maybe_part("range"), fields.maybe_part("error"), fields.maybe_part("reason")
    return Job(
        sender=sender,
        job_id=topic.name,
        request_id=fields.text("request_id"),
        kind=fields.text("kind"),
        state=fields.one_of("state", "planned", "waiting", "uploading", "done", "failed", "cancelled"),
        cam=fields.maybe_text("cam"),
        from_at=span.maybe_when("from_utc"),
        to_at=span.maybe_when("to_utc"),
        coverage_s=fields.maybe_number("coverage_s"),
        bytes_total=fields.maybe_whole("bytes_total"),
        bytes_sent=fields.maybe_whole("bytes_sent"),
        error_vi=error.maybe_text("vi"),
        error_en=error.maybe_text("en"),
        reason_vi=reason.maybe_text("vi"),
        reason_en=reason.maybe_text("en"),
        until_at=fields.maybe_when("until_utc"),
        files=tuple(_file(one) for one in fields.parts("files")),
    )


def _answer(topic: Topic, fields: Fields) -> str | None:
    # A wipe's token lets its reader erase the node, and a configuration is not for every reader of this database.
    if not fields.has("answer") or fields.text("command").startswith(("wipe", "config.")):
        return None
    return fields.as_json("answer")


def _file(fields: Fields) -> JobFile:
    manifest = fields.maybe_part("manifest")
    return JobFile(
        name=fields.text("name"),
        url=fields.maybe_text("url"),
        sha256=fields.text("sha256"),
        bytes=fields.whole("bytes"),
        from_at=fields.when("from_utc"),
        to_at=fields.when("to_utc"),
        manifest_url=manifest.maybe_text("url"),
        manifest_sha256=manifest.maybe_text("sha256"),
    )
