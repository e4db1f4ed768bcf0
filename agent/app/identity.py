"""The node's own certificate while it runs: how long it is good, and its renewal by a child of the agent."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from agent.clock import Clock
from agent.config.model import Config
from agent.errors import AgentError
from agent.i18n import Text
from agent.identity.renewal import Plan, Renewal
from agent.identity.validity import validity_of
from agent.values import CertificateState

CHILD = "agent.app.enrol"
NOTES = "renewal.json"
GRACE_S = 2.0
SAID_BYTES = 20_000
UNEXPLAINED = Text(
    en="the renewal of the certificate ended without a word", vi="gia hạn chứng chỉ dừng giữa chừng, không rõ lý do"
)


class OwnCertificate:
    """Looks at `tls.cert`; `renewed` is called when there is another. Belongs to the health thread."""

    def __init__(self, config: Config, renewal: Renewal | None, renewed: Callable[[], None]) -> None:
        self._path = config.tls.cert
        self._renewal = renewal
        self._renewed = renewed
        self._seen: tuple[int, int] | None = None
        self._state: CertificateState | None = None
        if self._path is not None:
            self._look(self._path)

    def state(self) -> CertificateState | None:
        """None without a certificate that can be read."""
        if self._path is None:
            return None
        if self._look(self._path):
            self._renewed()
        if self._state is None or self._renewal is None:
            return self._state
        return replace(self._state, renewal=self._renewal.state)

    def _look(self, path: Path) -> bool:
        """Read it when it is another file than at the last look; True when it is."""
        try:
            told = path.stat()
            seen = (told.st_ino, told.st_mtime_ns)
            if seen == self._seen:
                return False
            validity = validity_of(path.read_bytes())
        except (OSError, ValueError):
            self._state = None
            return False
        another, self._seen = self._seen is not None, seen
        self._state = CertificateState(validity.not_before_ns, validity.not_after_ns)
        return another


class RenewalChild:
    """`python -m agent.app.enrol`: loads what renewing needs, and takes it away again by ending."""

    def __init__(self, errand: str) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", CHILD), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as pipe:
            pipe.write(errand.encode())

    def result(self) -> AgentError | Literal["running", "done"]:
        """How it goes."""
        if self._process.poll() is None:
            return "running"
        return "done" if self._process.returncode == 0 else self._complaint()

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _complaint(self) -> AgentError:
        assert self._process.stdout is not None
        try:
            said = json.loads(self._process.stdout.read(SAID_BYTES))
            hint = Text(**said["hint"]) if said["hint"] else None
            return AgentError(Text(**said["text"]), hint)
        except (OSError, ValueError, KeyError, TypeError):
            return AgentError(UNEXPLAINED)


def renewal_of(config: Config, clock: Clock) -> Renewal | None:
    """What renews the certificate, when `tls.renew` says where."""
    tls = config.tls
    if tls.renew is None or tls.ca is None or tls.cert is None or tls.key is None:
        return None
    errand = {"node": config.node.id, "url": tls.renew, "ca": tls.ca, "cert": tls.cert, "key": tls.key}
    told = json.dumps({name: str(word) for name, word in errand.items()})
    return Renewal(Plan(tls.cert, config.node.data_dir / NOTES, lambda: RenewalChild(told)), clock)
