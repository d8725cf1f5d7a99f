"""The shop's customers on messaging channels as they live on: they read, answer and write.

What they do later is planned on the mail server's loop, like everything that others do.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from desktop_inbox.connectors.chat import Receipt
from desktop_inbox.demo.channels import Service
from desktop_inbox.demo.chats import Chats, Talk
from desktop_inbox.domain.messages import Delivery, Outgoing

_MOST_ANSWERS = 3  # in one talk: thanks for thanks has to end somewhere
_SEEN_AFTER = {Delivery.DELIVERED: 0.2, Delivery.READ: 0.5}  # of the time until the answer

Later = Callable[[float, Callable[[], None]], None]
"""Has a function called in so many seconds; called from any thread."""


class Chatters:
    """Who answers what, and who writes by themselves. Starts with `move_in`."""

    def __init__(
        self,
        chats: Chats,
        services: Mapping[str, Service],
        *,
        general: Mapping[str, tuple[str, ...]],
        later: Later,
        answer_seconds: tuple[float, float],
    ) -> None:
        """`services` by the kind of the account; `general` are answers by language."""
        self._chats = chats
        self._services = services
        self._general = general
        self._later = later
        self._answer_seconds = answer_seconds
        self._lines = [_Line(talk=talk, own_answers=list(talk.answers)) for talk in chats.talks]
        self._numbers = itertools.count(1)
        self._chance = random.Random(7)  # noqa: S311 - when somebody answers is no secret

    def move_in(self, *, with_new_messages: bool = True) -> None:
        """Put what was said so far where it is found, and live on from there. Any thread."""
        for kind, service in self._services.items():
            service.on_sent = partial(self._hear, kind)
            service.arrive(
                item for talk in self._chats.talks if talk.account == kind for item in talk.items
            )
        if with_new_messages:
            for one in self._chats.later:
                self._later(one.after.total_seconds(), partial(self._say, one.talk, one.text))

    def _hear(self, kind: str, name: str, message: Outgoing) -> None:
        """See what the shop sent, and answer it where a person would."""
        line = next((one for one in self._lines if one.is_with(kind, message)), None)
        if line is None:
            return
        seconds = self._chance.uniform(*self._answer_seconds)
        if line.talk.tells_what_was_read:
            for state, part in _SEEN_AFTER.items():
                self._later(part * seconds, partial(self._tell, kind, name, state))
        if line.talk.language and line.answered < _MOST_ANSWERS:
            line.answered += 1
            self._later(seconds, partial(self._say, line.talk, self._answer(line)))

    def _tell(self, kind: str, name: str, state: Delivery) -> None:
        receipt = Receipt(state=state, at=datetime.now(UTC), external_id=name)
        self._services[kind].arrive([receipt])

    def _answer(self, line: _Line) -> str:
        if line.own_answers:
            return line.own_answers.pop(0)
        general = self._general[line.talk.language]
        return general[line.answered % len(general)]

    def _say(self, talk: Talk, text: str) -> None:
        name = f"later-{next(self._numbers)}"
        self._services[talk.account].arrive([talk.says(name, datetime.now(UTC), text)])


@dataclass(slots=True, kw_only=True)
class _Line:
    """What a customer remembers of one talk."""

    talk: Talk
    own_answers: list[str] = field(default_factory=list)
    answered: int = 0

    def is_with(self, kind: str, message: Outgoing) -> bool:
        """Tell whether a message goes there: to the chat, or to the person where it is new."""
        if self.talk.account != kind:
            return False
        if message.chat:
            return message.chat == self.talk.chat.external_id
        return self.talk.person.address in {one.address for one in message.to}
