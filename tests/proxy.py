"""A TCP proxy on loopback with switches for what goes wrong on real lines: stall, reset, limit, hang up."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any


class Proxy:
    """Forwards to `target` (a port of 127.0.0.1); all switches may be thrown from any thread."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.accepted = 0
        self.sent_up = 0  # bytes from clients to the server
        self.reached = threading.Event()  # `notice_at` bytes have gone up
        self.notice_at: int | None = None
        self.reset_at: int | None = None
        self.stall_at: int | None = None
        self.bytes_per_s: float | None = None
        self.answer: Callable[[bytes], bytes | None] | None = None  # to the first bytes; then the connection ends
        self._loop = asyncio.new_event_loop()
        self._flow = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._client, "127.0.0.1", 0))
        self._flow_set(True)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def stall(self) -> None:
        """Nothing passes in either direction; connections stay open."""
        self._flow_set(False)

    def flow(self) -> None:
        """Everything passes again."""
        self.stall_at = None
        self._flow_set(True)

    def reset(self) -> None:
        """Tear down all connections with RST."""
        self._run(self._reset_all())

    def hang_up(self) -> None:
        """Close all connections politely, with FIN."""
        self._run(self._close_all())

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _flow_set(self, on: bool) -> None:
        async def throw() -> None:
            if on:
                self._flow.set()
            else:
                self._flow.clear()

        self._run(throw())

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.accepted += 1
        self._open.add(writer)
        try:
            first = await reader.read(65_536)
            if self.answer is not None and (reply := self.answer(first)) is not None:
                writer.write(reply)
                await writer.drain()
                return
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._open.add(up_writer)
            await asyncio.gather(self._pump(reader, up_writer, True, first), self._pump(up_reader, writer, False, b""))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            self._open.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up: bool, data: bytes) -> None:
        try:
            while data or (data := await reader.read(8192)):
                await self._flow.wait()
                if up and self.bytes_per_s:
                    await asyncio.sleep(len(data) / self.bytes_per_s)
                writer.write(data)
                await writer.drain()
                if up:
                    await self._count(len(data))
                data = b""
        except OSError:
            pass
        finally:
            writer.close()
            self._open.discard(writer)

    async def _count(self, number: int) -> None:
        self.sent_up += number
        if self.notice_at is not None and self.sent_up >= self.notice_at:
            self.reached.set()
        if self.stall_at is not None and self.sent_up >= self.stall_at:
            self.stall_at = None
            self._flow.clear()
        if self.reset_at is not None and self.sent_up >= self.reset_at:
            self.reset_at = None
            await self._reset_all()

    async def _reset_all(self) -> None:
        for writer in list(self._open):
            sock = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._open.clear()

    async def _close_all(self) -> None:
        for writer in list(self._open):
            writer.close()
        self._open.clear()

    async def _end(self) -> None:
        self._server.close()
        self._flow.set()
        await self._reset_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
