"""A vendor's HTTP service on the loopback: what it answers is up to a subclass; what goes wrong,
up to the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web
from multidict import MultiDict


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: MultiDict[str]
    headers: Mapping[str, str]
    body: bytes
    form: MultiDict[str | web.FileField]
    target: str = ""  # path and query, as they stood in the request

    @property
    def json(self) -> dict[str, object]:
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True)
class Said:
    """An answer."""

    value: object = None  # JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None  # in place of JSON

    def response(self) -> web.Response:
        if self.body is not None:
            return web.Response(status=self.status, headers=self.headers, body=self.body)
        return web.json_response(self.value, status=self.status, headers=self.headers)


S = TypeVar("S", bound="HttpService")
Which = Callable[[Asked], bool]


@dataclass
class Fault:
    """What goes wrong with the next `times` requests that `which` tells."""

    which: Which
    said: Said | None = None  # answered in place of the service; None: the connection is cut
    after: bool = False  # the service does its part first
    times: int = 1


class HttpService(ABC):
    """The server. Its state outlives every connection."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.port = 0
        self._came = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @abstractmethod
    async def answer(self, asked: Asked) -> Said:
        """Do what is asked."""

    def fail(
        self, which: Which, said: Said | None = None, *, after: bool = False, times: int = 1
    ) -> None:
        """Have the next such requests fail: be answered so, or be cut off."""
        self.faults.append(Fault(which=which, said=said, after=after, times=times))

    def count(self, which: Which) -> int:
        return sum(which(asked) for asked in self.asked)

    async def comes(self, which: Which) -> None:
        """Wait until such a request has come."""
        while not self.count(which):
            self._came.clear()
            await self._came.wait()

    async def start(self) -> None:
        # What clients hang up on is ended, or a long poll would outlive its test.
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await self.listen()

    async def listen(self) -> None:
        """Let connections in, on the same port as before."""
        if self._listening is None and self._runner is not None:
            assert self._runner.server is not None
            self._listening = await asyncio.get_running_loop().create_server(
                self._runner.server, "127.0.0.1", self.port
            )
            self.port = self._listening.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Let nobody in, and whoever is in out, until `listen`."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Cut every connection that is there now."""
        if self._runner is not None and self._runner.server is not None:
            for connection in list(self._runner.server.connections):
                if connection.transport is not None:
                    connection.transport.abort()

    async def stop(self) -> None:
        self.refuse()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        form: MultiDict[str | web.FileField] = MultiDict()
        body = b""
        if request.content_type in {
            "multipart/form-data",
            "application/x-www-form-urlencoded",
        }:
            form = MultiDict(await request.post())  # type: ignore[arg-type]
        else:
            body = await request.read()
        asked = Asked(
            method=request.method,
            path=request.path,
            query=MultiDict(request.query),
            headers=request.headers,
            body=body,
            form=form,
            target=request.raw_path,
        )
        self.asked.append(asked)
        self._came.set()
        fault = self._fault(asked)
        if fault is not None and not fault.after:
            return self._failed(request, fault)
        said = await self.answer(asked)
        if fault is not None:
            return self._failed(request, fault)
        return said.response()

    def _fault(self, asked: Asked) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.which(asked):
                fault.times -= 1
                return fault
        return None

    def _failed(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.said is not None:
            return fault.said.response()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()  # to nobody


@contextlib.asynccontextmanager
async def serving(service: S) -> AsyncIterator[S]:
    await service.start()
    try:
        yield service
    finally:
        await service.stop()
