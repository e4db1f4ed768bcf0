"""All nodes of a run, turned by one thread with epoll; a few threads make connections, which takes TCP's and TLS' time.

A node is turned when its socket has something, when it has something to say, and every few seconds for the pings.
"""

import heapq
import select
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from agent.tools.fleet.clocks import Power
from agent.tools.fleet.meter import Meter
from agent.tools.fleet.node import Node
from agent.tools.fleet.plan import Plan
from agent.uplink import Wake

CONNECTING = 24  # threads that connect
MOST_AT_ONCE = 512  # sockets that are looked at before the clock is
REST_S = 1.0  # the longest wait


class Crowd:
    """`run` it; the thread that does owns all nodes but those that are being connected."""

    def __init__(self, plan: Plan, power: Power, meter: Meter) -> None:
        self._power = power
        self._meter = meter
        self._wake = Wake()
        self._links_wake = Wake()  # never set: nobody but this thread gives the nodes something to say
        self.nodes = [Node(plan, number, self._links_wake, power, meter) for number in range(plan.nodes)]
        self._ping_s = plan.section.keepalive / 3
        self._epoll = select.epoll()
        self._epoll.register(self._wake.fileno(), select.EPOLLIN)
        self._by_fd: dict[int, int] = {}
        self._watched: dict[int, tuple[int, int]] = {}  # number: (fd, mask)
        self._timers: list[tuple[float, int]] = []
        self._planned = [0.0] * plan.nodes  # the one timer of each node that counts
        self._connecting: set[int] = set()
        self._met: SimpleQueue[tuple[int, BaseException | None]] = SimpleQueue()
        self._again: set[int] = set()

    @property
    def connected(self) -> int:
        """How many have a socket to a broker."""
        return len(self._watched)

    def held(self) -> int:
        """Messages that no broker has acknowledged."""
        return sum(len(node.outbox) for node in self.nodes)

    def start(self) -> None:
        """The power is there; plan everybody's first step."""
        self._power.on()
        for number in range(len(self.nodes)):
            self._plan_next(number, 0.0)

    def run(self, until: Callable[[], bool]) -> None:
        """Turn nodes until `until`, which is asked at least once a second. Raises what a thread beside raised."""
        with ThreadPoolExecutor(CONNECTING, "connect") as beside:
            try:
                while not until():
                    self._round(beside)
            finally:
                beside.shutdown(wait=True, cancel_futures=True)
                self._greet()

    def close(self) -> None:
        """Drop all connections."""
        for node in self.nodes:
            node.drop()
        self._epoll.close()
        self._wake.close()
        self._links_wake.close()

    def _round(self, beside: ThreadPoolExecutor) -> None:
        now_s = self._power.since_s()
        wait_s = 0.0 if self._again else REST_S
        if self._timers:
            wait_s = min(wait_s, max(self._timers[0][0] - now_s, 0.0))
        ready = [fd for fd, _ in self._epoll.poll(wait_s, MOST_AT_ONCE)]
        again, self._again = self._again, set()
        if self._wake.fileno() in ready:
            self._wake.clear()
        self._greet()
        for number in again | {self._by_fd[fd] for fd in ready if fd in self._by_fd}:
            if number in self._watched:
                self._turn(number)
        self._due(beside)

    def _greet(self) -> None:
        while not self._met.empty():
            number, error = self._met.get()
            if error is not None:
                raise error  # a bug: what a node expects to fail never gets here
            self._connecting.discard(number)
            self._watch(number)

    def _due(self, beside: ThreadPoolExecutor) -> None:
        now_s = self._power.since_s()
        while self._timers and self._timers[0][0] <= now_s:
            due_s, number = heapq.heappop(self._timers)
            if due_s != self._planned[number] or number in self._connecting:
                continue
            self._meter.late(now_s - due_s)
            node = self.nodes[number]
            node.live(now_s)
            if number in self._watched:
                self._turn(number)
            elif node.connect_s <= now_s:
                self._connecting.add(number)
                self._meter.tries.add(max(node.connect_s, 0.0))
                beside.submit(node.turn).add_done_callback(self._connect_done(number))
            else:
                self._plan_next(number, now_s)

    def _connect_done(self, number: int) -> Callable[[Future[None]], None]:
        def done(future: Future[None]) -> None:
            if not future.cancelled():
                self._met.put((number, future.exception()))
                self._wake.set()

        return done

    def _turn(self, number: int) -> None:
        self.nodes[number].turn()
        self._watch(number)

    def _watch(self, number: int) -> None:
        """After a turn: wait for what the node waits for now."""
        interest = self.nodes[number].interest()
        before = self._watched.get(number)
        if interest is None:
            if before is not None:  # its socket is closed, so epoll has forgotten it
                del self._watched[number]
                if self._by_fd.get(before[0]) == number:
                    del self._by_fd[before[0]]
        else:
            mask = select.EPOLLIN | (select.EPOLLOUT if interest.write else 0)
            if before is None or before[0] != interest.fd:
                self._epoll.register(interest.fd, mask)
                self._by_fd[interest.fd] = number
            elif before[1] != mask:
                self._epoll.modify(interest.fd, mask)
            self._watched[number] = (interest.fd, mask)
            if interest.at_once:
                self._again.add(number)
        self._plan_next(number, self._power.since_s())

    def _plan_next(self, number: int, now_s: float) -> None:
        node = self.nodes[number]
        next_s = now_s + self._ping_s if number in self._watched else node.connect_s
        next_s = min(next_s, node.due_s())
        # A later timer than the planned one is left to the planned one's turn: else each turn would leave one behind.
        if number in self._watched and now_s < self._planned[number] <= next_s:
            return
        self._planned[number] = next_s
        heapq.heappush(self._timers, (next_s, number))
