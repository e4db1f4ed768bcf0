"""What a page asks its node, kept back: the answer comes when the test says so, after what the person did meanwhile."""

from typing import Any

# Pages give up after seconds; not here, where the answer may wait for a busy machine.
PATIENT = "AbortSignal.timeout = () => new AbortController().signal"
SETTLED = "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 0))"


class Held:
    """The next `first` questions to `path` of a page wait; all others go through."""

    def __init__(self, page: Any, path: str, first: int = 1) -> None:
        self.page = page
        self.waiting: list[Any] = []
        self._first = first
        page.add_init_script(PATIENT)
        page.evaluate(PATIENT)
        page.route(path, self._came)

    def _came(self, route: Any) -> None:
        if len(self.waiting) < self._first:
            self.waiting.append(route)
        else:
            route.continue_()

    def wait(self, count: int = 1) -> None:
        """Until so many were asked."""
        while len(self.waiting) < count:
            self.page.wait_for_timeout(10)  # in which the driver hears of them

    def give(self, index: int = 0, **answer: Any) -> None:
        """It is answered, by the node where nothing else is told, and the page has done what it does then."""
        route = self.waiting[index]
        with self.page.expect_event("requestfinished", lambda request: request == route.request):
            route.fulfill(**answer) if answer else route.continue_()
        self.settle()

    def settle(self) -> None:
        """What the page had to do has been done."""
        self.page.evaluate(SETTLED)
