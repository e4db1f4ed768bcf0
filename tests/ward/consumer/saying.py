"""What nodes say, written by hand from docs/reference/mqtt and checked against its schemas; nothing of the agent."""

import json
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "mqtt"
NOON = datetime(2026, 3, 5, 5, 0, tzinfo=timezone.utc)  # noon in Ho Chi Minh City
ULID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HASH = "ab" * 32
JPEG = b"\xff\xd8\xff\xe0" + bytes(2000)
Said = tuple[str, bytes]


def utc(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ulid(number: int, at: datetime = NOON) -> str:
    value = (int(at.timestamp() * 1000) << 80) + number
    return "".join(ULID_LETTERS[value >> shift & 31] for shift in range(125, -1, -5))


@cache
def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8")))


def checked(name: str, fields: dict[str, Any]) -> bytes:
    """As a payload, if the reference allows it."""
    schema(name).validate(fields)
    return json.dumps(fields, ensure_ascii=False).encode()


class Voice:
    """One node of the ward `test`."""

    def __init__(self, node: str, trusted: bool = True) -> None:
        self.node = node
        self.base = f"camera/v1/test/{node}"
        self._trusted = trusted

    def envelope(self, schema: str, at: datetime, seq: int | None = None) -> dict[str, Any]:
        clock = {"trusted": self._trusted, "source": "ntp" if self._trusted else "none"}
        told = {"schema": f"{schema}/1", "node": self.node, "boot_id": "boot-1", "sent_utc": utc(at), "clock": clock}
        return told if seq is None else {**told, "seq": seq}

    def event(self, id_: str, rev: int = 1, at: datetime = NOON, **changes: Any) -> Said:
        fields = {
            **self.envelope("event", at + timedelta(seconds=rev), seq=rev),
            "id": id_,
            "rev": rev,
            "phase": "start" if rev == 1 else "update",
            "rule": "intrusion",
            "rule_id": "intrusion-yard",
            "severity": "warning",
            "cam": "gate",
            "started_utc": utc(at),
            "mono_ms": rev * 1000,
            "objects": [{"track": 7, "class": "person", "score": 0.9, "box": [0.1, 0.2, 0.3, 0.4], "dwell_s": rev}],
            "count": rev,
            **changes,
        }
        return f"{self.base}/cam/{fields['cam']}/event/{fields['rule']}", checked("event", fields)

    def thumb(self, event_id: str) -> Said:
        return f"{self.base}/cam/gate/thumb/{event_id}", JPEG

    def health(self, at: datetime, uptime_s: float = 60, cams: tuple[dict[str, Any], ...] = (), **changes: Any) -> Said:
        fields = {
            **self.envelope("health", at),
            "at_utc": utc(at),
            "agent": {"uptime_s": uptime_s, "rss_mb": 150.0, "cpu_pct": 20.0, "restarts": 0},
            "spool": {"messages": 0, "oldest_age_s": 0.0, "clips": 0, "bytes": 0},
            "cams": list(cams),
            **changes,
        }
        return f"{self.base}/health", checked("health", fields)

    def birth(self, at: datetime, session: str = "one", key: str = HASH) -> Said:
        board = {"model": "Raspberry Pi 4", "machine": "aarch64", "system": "Debian", "memory_mb": 4000, "cpus": 4}
        fields = {
            **self.envelope("birth", at),
            "session": session,
            "label": "Cổng chợ",
            "agent": {"version": "1.0"},
            "config": {"hash": HASH},
            "board": board,
            "cameras": [{"id": "gate", "kind": "rtsp"}],
            "evidence": {"fingerprint": key, "public_key": f"PEM of {key}"},
        }
        return f"{self.base}/birth", checked("birth", fields)

    def availability(self, state: str, at: datetime, session: str = "one") -> Said:
        fields = {**self.envelope("availability", at), "state": state, "session": session}
        return f"{self.base}/availability", checked("availability", fields)

    def fault(self, code: str, since: datetime, at: datetime | None = None) -> Said:
        words = {"vi": "Mất hình", "en": "No picture"}
        fields = {
            **self.envelope("fault", at or since),
            "code": code,
            "severity": "alert",
            "since_utc": utc(since),
            "text": words,
            "remedy": {"vi": "Kiểm tra dây", "en": "Check the cable"},
        }
        return f"{self.base}/fault/{code}", checked("fault", fields)

    def cleared(self, code: str) -> Said:
        return f"{self.base}/fault/{code}", b""

    def command(self, name: str, request_id: str, **fields: Any) -> Said:
        told = {
            "schema": "command/1",
            "request_id": request_id,
            "issued_utc": utc(NOON),
            "expires_in_s": 60,
            "by": {"officer": "Nguyễn Văn A", "case": "12/2026", "reason": "mất xe"},
            **fields,
        }
        return f"{self.base}/cmd/{name}", checked(name.replace(".", "-"), told)

    def response(self, request_id: str, result: str, command: str, at: datetime = NOON, **changes: Any) -> Said:
        told = {**self.envelope("response", at, seq=50), "request_id": request_id, "command": command, "result": result}
        return f"{self.base}/rsp/{request_id}", checked("response", {**told, **changes})

    def job(self, request_id: str, state: str, seq: int, at: datetime = NOON, **changes: Any) -> Said:
        told = {
            **self.envelope("job", at, seq=seq),
            "job_id": request_id,
            "request_id": request_id,
            "kind": "clip",
            "state": state,
        }
        return f"{self.base}/job/{request_id}", checked("job", {**told, **changes})


def camera(recorded_s: float, expected_s: float, **changes: Any) -> dict[str, Any]:
    return {"id": "gate", "state": "ok", "recorded_s": recorded_s, "expected_s": expected_s, **changes}
