"""What scripted services have in common: what pulls bring, how sends end, what was asked.

The connectors on them keep the connector contract; a script says how the next calls end.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from desktop_inbox.connectors.contract import (
    AccountConfig,
    Batch,
    BeforeBody,
    Connector,
    Cursor,
    Item,
    SendResult,
)
from desktop_inbox.domain.messages import Outgoing


@dataclass(frozen=True)
class SendStep:
    """How one send ends: what is raised before the body, whether it is delivered, and after."""

    before: Exception | None = None
    delivered: bool = True
    after: BaseException | None = None
    result: SendResult | None = None
    reached: Callable[[str], None] = lambda point: None  # called with "before", "body", "after"


@dataclass
class ScriptedService:
    """The far side: items that wait to be pulled, and what has been delivered.

    Lives longer than a connector, as a real server outlives a crash of ours.
    """

    items: list[Item] = field(default_factory=list)
    batch_size: int = 50
    delivered: list[Outgoing] = field(default_factory=list)
    opened: int = 0
    closed: int = 0
    pulled: int = 0
    waited: int = 0
    # The next calls end like this; an empty script means all goes well.
    open_script: deque[Exception] = field(default_factory=deque)
    pull_script: deque[Exception | None] = field(default_factory=deque)
    send_script: deque[SendStep] = field(default_factory=deque)
    change_script: deque[Exception | None] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def arrive(self, *items: Item) -> None:
        """Put more where the next pull finds it."""
        self.items.extend(items)
        self.news.set()


def follow(script: deque[Exception | None]) -> None:
    """Do what a script says of this call."""
    if script and (failure := script.popleft()) is not None:
        raise failure


S = TypeVar("S", bound=ScriptedService)


class ScriptedLink(Connector, Generic[S]):
    """One link to a scripted service."""

    def __init__(self, config: AccountConfig, service: S) -> None:
        super().__init__(config)
        self.service = service
        self.sending = 0

    async def open(self) -> None:
        self.service.opened += 1
        if self.service.open_script:
            raise self.service.open_script.popleft()

    async def close(self) -> None:
        self.service.closed += 1

    async def pull(self, cursor: Cursor | None) -> Batch:
        service = self.service
        service.pulled += 1
        service.news.clear()
        follow(service.pull_script)
        start = int(str(cursor.get("next", 0))) if cursor else 0
        items = tuple(service.items[start : start + service.batch_size])
        end = start + len(items)
        return Batch(items=items, cursor={"next": end}, more=end < len(service.items))

    async def wait(self) -> None:
        self.service.waited += 1
        await self.service.news.wait()

    async def send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        assert self.sending == 0, "two sends at a time on one account"
        self.sending += 1
        try:
            return await self._send(message, before_body)
        finally:
            self.sending -= 1

    async def _send(self, message: Outgoing, before_body: BeforeBody) -> SendResult:
        script = self.service.send_script
        step = script.popleft() if script else SendStep()
        await asyncio.sleep(0)
        step.reached("before")
        if step.before is not None:
            raise step.before
        await before_body()
        step.reached("body")
        if step.delivered:
            self.service.delivered.append(message)
        step.reached("after")
        if step.after is not None:
            raise step.after
        return step.result or self.result_of(message)

    @abstractmethod
    def result_of(self, message: Outgoing) -> SendResult:
        """Return what the service says of a message that it has just taken."""
