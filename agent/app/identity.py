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
from agent.config.model import Config, TlsSection
from agent.errors import AgentError, StorageError
from agent.i18n import Text
from agent.identity.renewal import Plan, Renewal
from agent.identity.store import IdentityStore
from agent.identity.validity import validity_of
from agent.uplink.peer import about_own_certificate
from agent.values import CertificateState, LinkState
from agent.worker import Reporter

CHILD = "agent.app.enrol"
NOTES = "renewal.json"
RENEWAL = "renewal"
REFUSALS = 2
GRACE_S = 2.0
SAID_BYTES = 20_000
UNEXPLAINED = Text(
    en="the renewal of the certificate ended without a word", vi="gia hạn chứng chỉ dừng giữa chừng, không rõ lý do"
)
NOT_WANTED = Text(
    en="the broker does not accept this node's new certificate: the one before is used again",
    vi="máy chủ MQTT không chấp nhận chứng chỉ mới của thiết bị: đang dùng lại chứng chỉ trước",
)
ASK_WARD = Text(
    en="ask the ward: does the broker trust the authority that `tls.renew` names? It is tried again in a day or so",
    vi="hãy hỏi phường: máy chủ MQTT có tin nơi cấp ghi ở `tls.renew` không? Khoảng một ngày sau sẽ thử lại",
)


class OwnCertificate:
    """Looks at `tls.cert`; `renewed` is called when there is another. Belongs to the health thread.

    After an exchange the papers before are kept until the ward has let the new ones in; `link` tells when it has.
    """

    def __init__(
        self, config: Config, renewal: Renewal | None, renewed: Callable[[], None], link: Callable[[], LinkState]
    ) -> None:
        self._path = config.tls.cert
        self._renewal = renewal
        self._renewed = renewed
        self._link = link
        self._store = _store_of(config.tls)
        self._seen: tuple[int, int] | None = None
        self._state: CertificateState | None = None
        self._connects = -1  # before the exchange
        self._on_trial = self._store is not None and self._store.on_trial
        if self._path is not None:
            self._look(self._path)

    def state(self) -> CertificateState | None:
        """None without a certificate that can be read."""
        if self._path is None:
            return None
        if self._look(self._path):
            self._exchanged()
        if self._on_trial:
            self._judge()
        if self._state is None or self._renewal is None:
            return self._state
        return replace(self._state, renewal=self._renewal.state)

    def witness(self, reporter: Reporter) -> "Witness":
        """`reporter` for whoever speaks to the broker: it notices when the broker does not want our certificate."""
        return Witness(reporter, self._store, self._renewal)

    def _exchanged(self) -> None:
        link = self._link()
        self._connects = link.reconnects if link.connected else link.reconnects - 1
        self._on_trial = self._store is not None and self._store.on_trial
        self._renewed()

    def _judge(self) -> None:
        link = self._link()
        if self._store is not None and link.connected and link.reconnects > self._connects:
            self._store.accept()
            self._on_trial = False

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


class Witness:
    """Passes on what is reported; papers on trial that the broker refuses twice give way to those before them."""

    def __init__(self, reporter: Reporter, store: IdentityStore | None, renewal: Renewal | None) -> None:
        self._reporter = reporter
        self._store = store
        self._renewal = renewal
        self._refused = 0

    def raised(self, source: str, error: AgentError) -> None:
        """`source` failed with `error`."""
        self._reporter.raised(source, error)
        store = self._store
        if not about_own_certificate(error) or store is None or not store.on_trial:
            return
        self._refused += 1  # once may be a broker that was just stopping
        if self._refused < REFUSALS:
            return
        self._refused = 0
        try:
            store.fall_back()
        except StorageError as failure:
            self._reporter.raised(RENEWAL, failure)
            return
        if self._renewal is not None:
            self._renewal.ended(well=False)
        self._reporter.raised(RENEWAL, AgentError(NOT_WANTED, ASK_WARD, code="certificate_renewal"))

    def cleared(self, source: str) -> None:
        """`source` works again."""
        self._refused = 0
        self._reporter.cleared(source)


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


def _store_of(tls: TlsSection) -> IdentityStore | None:
    """Where the papers lie, if they can be exchanged."""
    if tls.cert is None or tls.key is None or tls.cert.parent != tls.key.parent:
        return None
    return IdentityStore(tls.ca or tls.cert, tls.cert, tls.key)
