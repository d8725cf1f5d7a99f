"""What messaging services have in common that are reached by HTTP: where their requests fail."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.connectors.contract import Item
from tests.connectors.chat_suite import ChatService
from tests.support.http_service import Asked, HttpService, Said

Which = Callable[[Asked], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Which requests do what."""

    send: Which
    receive: Which
    wait: Which  # for something to receive
    file: Which


class HttpChat(ChatService):
    """Injects faults at `front`: the stand-in, or what stands before a real server."""

    requests: ClassVar[Requests]

    def __init__(self, front: HttpService) -> None:
        super().__init__()
        self.front = front

    @abstractmethod
    def too_many(self, seconds: float) -> Said:
        """Return how the service asks for patience."""

    def name_of(self, item: Item) -> str | None:
        return item.text if isinstance(item, Incoming) else None

    def steps_before_body(self) -> Sequence[str]:
        return ("connect",)

    def drop_at(self, step: str) -> None:
        if step == "connect":
            self.front.refuse()
        else:
            self.front.fail(self.requests.send, after=True)

    async def mend(self) -> None:
        await self.front.listen()

    async def drop_link(self) -> None:
        self.front.fail(self.requests.wait)
        self.front.hang_up()

    def ask_patience(self, seconds: float) -> None:
        self.front.fail(self.requests.receive, self.too_many(seconds))

    def ask_patience_of_senders(self, seconds: float) -> None:
        self.front.fail(self.requests.send, self.too_many(seconds))

    def break_files(self) -> None:
        self.front.fail(self.requests.file)
