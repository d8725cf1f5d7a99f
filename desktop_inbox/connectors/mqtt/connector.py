"""A broker's topics as an account: each device is a line of talk. Engine loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import ClassVar
from uuid import uuid4

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import AccountConfig, Batch, Connector, Cursor
from desktop_inbox.connectors.errors import NotConnected
from desktop_inbox.connectors.mqtt.broker import Broker, settings_of
from desktop_inbox.connectors.mqtt.info import INFO
from desktop_inbox.connectors.mqtt.reading import Published, Told, read
from desktop_inbox.connectors.payload import at, part, whole, words

_MOST_AT_ONCE = 50
_MOST_NAMES = 500  # of messages, remembered because a device may publish one again
_MOST_FLOODS = 200


class MqttConnector(Connector):
    """The link. What the broker handed over is acknowledged once its cursor comes back."""

    info: ClassVar = INFO

    def __init__(
        self, config: AccountConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(config)
        self._now = now
        self._broker: Broker | None = None
        self._visit = ""  # this connection; numbers of messages mean nothing in another
        self._given = 0  # the highest number a pull brought
        self._fresh = True

    async def open(self) -> None:
        await self.close()
        broker = Broker(settings_of(self.config))
        await broker.connect()
        self._broker, self._visit, self._given, self._fresh = broker, uuid4().hex, 0, True

    async def close(self) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            await broker.close()

    async def pull(self, cursor: Cursor | None) -> Batch:
        broker = self._ready
        before = _Memory(cursor)
        stored = whole(cursor, "given") if words(cursor, "visit") == self._visit else 0
        broker.acknowledge([number for number in broker.waiting if number <= stored])
        await broker.catch_up()
        self._forget_known(broker, before)
        due = list(broker.waiting.items())[:_MOST_AT_ONCE]
        self._given = max((number for number, _ in due), default=stored)
        items = before.take((published for _, published in due), now=self._now())
        broker.news.clear()
        lost, self._fresh = self._fresh and not broker.session_was_kept, False
        return Batch(
            items=items,
            cursor={
                "visit": self._visit,
                "given": self._given,
                "unacknowledged": [published.print for _, published in due],
                **before.kept(),
            },
            more=len(broker.waiting) > len(due),
            gap=cursor is not None and lost,
        )

    async def wait(self) -> None:
        broker = self._ready
        while not any(number > self._given for number in broker.waiting):
            broker.check()
            await broker.news.wait()
            broker.check()
            broker.news.clear()

    def _forget_known(self, broker: Broker, before: _Memory) -> None:
        """Drop what the broker hands over again because it never heard that we had it."""
        twice = [
            number
            for number, published in broker.waiting.items()
            if published.again and published.print in before.unacknowledged
        ]
        broker.acknowledge(twice)

    @property
    def _ready(self) -> Broker:
        if self._broker is None:
            raise NotConnected
        return self._broker


class _Memory:
    """What a cursor remembers: names that came before, and how many alike a flood has."""

    def __init__(self, cursor: Cursor | None) -> None:
        found = at(cursor, "unacknowledged")
        self.unacknowledged = {str(one) for one in found} if isinstance(found, list) else set()
        names = at(cursor, "names")
        self._names = [str(one) for one in names] if isinstance(names, list) else []
        floods = part(cursor, "floods")
        self._floods = {key: whole(floods, key) for key in floods}

    def take(self, published: Iterable[Published], *, now: datetime) -> tuple[Incoming, ...]:
        """Return messages, each flood once."""
        latest: dict[str, Told] = {}
        known = set(self._names)
        for one in published:
            told = read(one, now=now)
            name = f"{told.device}\n{told.name}" if told.name else ""
            if name and name in known:
                continue
            if name:
                known.add(name)
                self._names.append(name)
            self._floods[told.flood] = self._floods.pop(told.flood, 0) + 1
            latest.setdefault(told.flood, told)
        return tuple(told.message(self._floods[flood]) for flood, told in latest.items())

    def kept(self) -> dict[str, object]:
        """Return what the next cursor remembers."""
        return {
            "names": self._names[-_MOST_NAMES:],
            "floods": dict([*self._floods.items()][-_MOST_FLOODS:]),
        }


create = MqttConnector
