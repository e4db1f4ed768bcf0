"""Chooses what runs the model: the first of TensorRT, CUDA and CPU that proves itself on this machine.

The wish of the configuration goes in, a network that works comes out. An accelerator is tried in a child process, used
only when it gave the CPU's results, and given up for the CPU at its first failure afterwards. Where ONNX Runtime has no
accelerator, as on a Raspberry Pi, there is no child and no second session.
"""

import atexit
import hashlib
import logging
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.config.model import DetectionSection
from agent.detection import complaints
from agent.detection.family import Array, Signature, Tensor
from agent.detection.proving import COMMAND, DEADLINE_S, Job, prove
from agent.detection.runtime import import_onnxruntime
from agent.detection.session import CPU, CUDA, TENSORRT, Network, Provider, Session
from agent.detection.verdicts import Memory, Remembered, Verdict
from agent.errors import ModelError
from agent.i18n import Text

log = logging.getLogger(__name__)

WANTED = {"auto": (TENSORRT, CUDA), "tensorrt": (TENSORRT,), "cuda": (CUDA,), "cpu": ()}
# Not even: a graphics card that only draws level costs memory, power and one more driver that can fail.
FASTER = 0.9
RETRY_STARTS = 10  # a failure is tried anew after so many starts; a transient one must not cost the card for ever
UNSETTLED_STARTS = 3  # so many ends without a goodbye before `SETTLED_RUNS`: a crash loop
SETTLED_RUNS = 100
DRIVERS = (Path("/etc/nv_tegra_release"), Path("/proc/driver/nvidia/version"))

Report = Callable[[ModelError], None]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a choice depends on outside of this program."""

    available: Callable[[], Sequence[str]] = lambda: import_onnxruntime().get_available_providers()
    version: Callable[[], str] = lambda: str(import_onnxruntime().__version__)
    open_session: Callable[[Path, Provider], Network] = Session
    command: tuple[str, ...] = COMMAND
    deadline_s: Mapping[str, float] = field(default_factory=lambda: DEADLINE_S)


class Providers:
    """`folder` is ours: the verdicts and TensorRT's engines. `report` hears `provider_failed`, from any thread."""

    def __init__(self, folder: Path, report: Report, machine: Machine | None = None) -> None:
        self._memory = Memory(folder / "verdicts.json")
        self._engines = folder / "tensorrt"
        self._report = report
        self._machine = machine or Machine()

    def open(self, model: Path, sha256: str, section: DetectionSection) -> Network:
        """`model` on the best provider that works. Raises ModelError when not even the CPU can run it."""
        names = WANTED[section.provider]
        try:
            available = set(self._machine.available()) if names else set()
        except ImportError as error:
            raise complaints.no_runtime(error) from error
        forced = section.provider != "auto"
        for name in names:
            known = Remembered(Verdict("missing"))
            if name in available:
                provider = Provider(name, self._engines if name == TENSORRT else None)
                key = f"{sha256[:16]} {self._machine.version()} {name} {driver()}"
                known = self._known(key, model, provider, section.family)
                if known.verdict.works and (forced or known.verdict.ratio <= FASTER):
                    accelerated = self._use(key, known, model, provider)
                    if accelerated:
                        return accelerated
                    continue
            if forced and known.verdict.outcome != "model":
                self._give_up(name, known.verdict.why)
            elif known.verdict.outcome != "missing":
                log.warning("%s is not used: %s", complaints.short(name), known.verdict.why)
        return Session(model)

    def _known(self, key: str, model: Path, provider: Provider, family: str) -> Remembered:
        known = self._memory.recall(key)
        if known and known.verdict.works and known.starts >= UNSETTLED_STARTS:
            known = Remembered(Verdict("unsettled"))
            self._memory.keep(key, known)
        elif known and not known.verdict.works:
            known = replace(known, starts=known.starts + 1)
            self._memory.keep(key, known)
        if known and (known.verdict.works or known.starts < RETRY_STARTS):
            return known
        if provider.cache:
            # Engines are of one model and one driver; those of others would only pile up.
            shutil.rmtree(provider.cache, ignore_errors=True)
            provider.cache.mkdir(parents=True, exist_ok=True)
        log.info("trying %s", complaints.short(provider.name))
        job = Job(model, family, provider, self._machine.deadline_s[provider.name])
        known = Remembered(prove(job, self._machine.command))
        log.info("%s: %s", complaints.short(provider.name), known.verdict.why)
        if known.verdict.outcome != "model":
            self._memory.keep(key, known)
        return known

    def _use(self, key: str, known: Remembered, model: Path, provider: Provider) -> Network | None:
        """The provider in this process; None when it fails here in spite of its proof."""
        started = replace(known, starts=known.starts + 1)
        self._memory.keep(key, started)  # before the attempt: it may be the last thing that this process does

        def settled() -> None:
            self._memory.keep(key, replace(known, starts=0))

        def failed(error: ModelError) -> None:
            verdict = Verdict("failed", detail=error.text.en[-160:])
            self._memory.keep(key, Remembered(verdict))
            self._give_up(provider.name, verdict.why)

        try:
            session = self._machine.open_session(model, provider)
        except ModelError as error:
            failed(error)
            return None
        return Watched(model, session, settled, failed)

    def _give_up(self, name: str, why: Text) -> None:
        error = complaints.provider_failed(name, why, self._memory.path)
        log.warning("%s", error.text)
        self._report(error)


class Watched:
    """A network on an accelerator, with the CPU behind it from its first failure on. Safe to use from several threads.

    `settled` is called once, when it has worked long enough or the program ends in order: no crash loop.
    """

    def __init__(self, model: Path, session: Network, settled: Callable[[], None], failed: Report) -> None:
        self._model = model
        self._session = session
        self._settled = settled
        self._failed = failed
        self._lock = threading.Lock()
        self._runs = 0
        atexit.register(self.settle)

    @property
    def signature(self) -> Signature:
        """Input size and true output shapes."""
        return self._session.signature

    @property
    def provider(self) -> str:
        """What runs it now."""
        return self._session.provider

    def run(self, tensor: Tensor) -> Sequence[Array]:
        """All outputs, in the model's order. Raises ModelError when the CPU fails too."""
        session = self._session
        try:
            outputs = session.run(tensor)
        except ModelError as error:
            if session.provider == CPU:
                raise
            outputs = self._on_cpu(session, error).run(tensor)
        if self._runs < SETTLED_RUNS:
            self._runs += 1
            if self._runs == SETTLED_RUNS:
                self.settle()
        return outputs

    def settle(self) -> None:
        """It has proven that it does not end the program."""
        atexit.unregister(self.settle)
        if self._session.provider != CPU:
            self._settled()

    def _on_cpu(self, failed: Network, error: ModelError) -> Network:
        with self._lock:
            if self._session is failed:
                self._session = Session(self._model)
                self._failed(error)
            return self._session


def driver() -> str:
    """Names the graphics driver, so that an upgrade of it (or of JetPack) is a new trial."""
    digest = hashlib.sha256()
    for path in DRIVERS:
        if path.exists():
            with path.open("rb") as file:
                digest.update(file.read(4096))
    return digest.hexdigest()[:8]
