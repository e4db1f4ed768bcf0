"""`camera-agent update`, by a person or by root's units: the course of an update with this device's systemd."""

import dataclasses
from collections.abc import Callable
from typing import Any

from agent.app.update_gate import NodeGate
from agent.clock import Clock
from agent.errors import AgentError, StorageError
from agent.i18n import Text
from agent.stop import Stop
from agent.update.course import Course, Hands, Times, disk_trouble
from agent.update.judge import LOOK_S, Interrupted
from agent.update.place import Place, target
from agent.update.proof import read_proof
from agent.update.refused import UpdateRefused
from agent.update.services import Services, Systemd
from agent.update.sight import Sight
from agent.update.state import Ended, History, read_history, read_trial, write_history
from agent.update.take import Making, Wish, take
from agent.update.wanted import next_wanted

Say = Callable[[Text], None]


class Updates:
    """Of one place. Everything raises AgentError in words."""

    def __init__(
        self, place: Place, stop: Stop, say: Say, times: Times | None = None, making: Making | None = None
    ) -> None:
        self._place = place
        self._stop = stop
        self._say = say
        self._making = making or Making()
        self._clock = Clock()
        self._services: Services = Systemd()
        hands = Hands(self._services, NodeGate, self._clock, stop.wait, say)
        self._course = Course(place, hands, times)

    def update(self, wish: Wish) -> Ended | None:
        """From the bundle to the end of the trial; None when it was asked to stop meanwhile, and the trial goes on."""
        with _words(self._place):
            take(wish, self._place, self._course, self._making, self._say)
        return self._to_the_end()

    def rollback(self) -> Ended | None:
        """The version before, on trial as well."""
        with _words(self._place):
            self._course.undo()
        return self._to_the_end()

    def resume(self) -> None:
        """What the units call: bring a trial to its end; then what the agent has fetched, if it has."""
        with _words(self._place):
            self._course.resume()
            bundle = next_wanted(self._place)
            if bundle is None:
                return
            try:
                take(Wish(bundle), self._place, self._course, self._making, self._say)
            except AgentError as error:
                self._say(error.text)
                self._note(bundle.name, error)
                return
            except OSError as error:
                told = disk_trouble(error, self._place)
                self._say(told.text)
                self._note(bundle.name, told)
                return
            self._course.resume()

    def gate(self, window_s: float, *, broker: bool) -> Text | None:
        """Does the node that runs now work, whatever brought it (RAUC, Mender)? None: yes; else what is lacking."""
        began_s = self._clock.mono_s()
        gate = NodeGate(None, window_s, began_s, broker=broker)
        while True:
            now_s = self._clock.mono_s()
            proof = read_proof(self._place.run)
            fresh = proof is not None and proof.is_fresh(self._clock.boot_id, now_s)
            verdict = gate.look(proof.seen if proof is not None and fresh else Sight(), now_s)
            if isinstance(verdict, Text):
                return verdict
            if verdict == "good":
                return None
            if self._stop.wait(LOOK_S):
                raise Interrupted

    def _to_the_end(self) -> Ended | None:
        self._say(
            Text(
                en="The new version is on trial: it stays when cameras, model and line work as before",
                vi="Đang chạy thử: được giữ lại nếu camera, mô hình và đường truyền hoạt động như trước",
            )
        )
        try:
            with _words(self._place):
                if not self._services.judged():
                    self._course.resume()
                while read_trial(self._place) is not None:
                    if self._stop.wait(LOOK_S):
                        return None
                return read_history(self._place).last
        except Interrupted:
            return None

    def _note(self, name: str, error: AgentError) -> None:
        place = self._place
        ended = Ended("refused", target(place.current) or "", name, self._clock.now().wall_ns, error.text)
        # What is only not possible now is asked for again.
        build = name if isinstance(error, UpdateRefused) else None
        write_history(place, read_history(place).after(ended, build))


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """What `--status` tells."""

    current: str | None
    judge: str | None
    trial: dict[str, Any] | None
    history: History


def standing(place: Place) -> Standing:
    """How updates stand here. Raises StorageError."""
    try:
        try:
            trial = read_trial(place)
        except ValueError:
            trial = None
        told = None if trial is None else dataclasses.asdict(trial)
        return Standing(target(place.current), target(place.judge), told, read_history(place))
    except OSError as error:
        raise disk_trouble(error, place) from error


class _words:  # noqa: N801  # reads as a statement
    """OSError becomes StorageError."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            told = disk_trouble(error, self._place)
            assert isinstance(told, StorageError)
            raise told from error
