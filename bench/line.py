"""A household's line on loopback that can go silent, as radio does: nothing is refused, nothing comes back, ever."""

import asyncio
import contextlib
import threading
from types import TracebackType


class Line:
    """A port that leads to `target` (a port of 127.0.0.1). Switched from any thread; use as a context manager."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._up = True
        self._age = 0  # connections made before the last `cut` are dead for good
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self._server = server.result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """From now on no byte passes; neither end is told."""
        self._up = False
        self._age += 1

    def mend(self) -> None:
        """New connections pass again; those of before stay silent."""
        self._up = True

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        age = self._age
        try:
            if not self._up:
                await self._silence()
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                await asyncio.gather(self._pump(reader, up_writer, age), self._pump(up_reader, writer, age))
            finally:
                up_writer.close()
        except OSError:
            pass
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, age: int) -> None:
        while data := await reader.read(16_384):
            if age != self._age:
                await self._silence()
            writer.write(data)
            await writer.drain()
        if age != self._age:
            await self._silence()
        with contextlib.suppress(OSError):
            writer.write_eof()

    async def _silence(self) -> None:
        await asyncio.Event().wait()

    async def _end(self) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
