"""The shop's customers as they live on: they answer our replies, and new mail comes in.

Everything here runs on the mail server's loop, between two mails and never for long.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from functools import partial

from desktop_inbox.demo.server import Delivery, MailServer
from desktop_inbox.demo.shop import LaterMail, Shop, Talk, new_message_id, quote, write

_MOST_ANSWERS = 3  # in one conversation: thanks for thanks has to end somewhere
_ID = re.compile(r"<([^<>\s]+)>")


class Customers:
    """Who answers what. Starts with `move_in`, ends with the server."""

    def __init__(
        self, shop: Shop, server: MailServer, *, answer_seconds: tuple[float, float] = (6.0, 14.0)
    ) -> None:
        """`answer_seconds`: the shortest and the longest time that a customer takes to answer."""
        self._shop = shop
        self._server = server
        self._answer_seconds = answer_seconds
        self._lines = [_Line.of(talk) for talk in shop.talks]
        self._chance = random.Random(7)  # noqa: S311 - when somebody answers is no secret

    def move_in(self, *, with_new_mail: bool = True) -> None:
        """Have them answer what we send, and write by themselves. Before the start."""
        self._server.listen(self.answer)
        if with_new_mail:
            for mail in self._shop.later:
                self._server.later(mail.after.total_seconds(), partial(self.write, mail))

    def answer(self, raw: bytes, recipients: tuple[str, ...]) -> None:
        """Plan the answer to a mail of ours, where its recipient is somebody who would answer."""
        message = BytesParser(policy=policy.default).parsebytes(raw)
        assert isinstance(message, EmailMessage)
        line = self._line_of(message, recipients)
        if line is None or line.answered >= _MOST_ANSWERS:
            return
        own_id = "".join(_ID.findall(str(message["Message-ID"]))[:1])
        if own_id in line.ids:
            return  # the same mail again
        line.ids += (own_id,)
        line.answered += 1
        delivery = self._answer(line, message)
        self._server.later(
            self._chance.uniform(*self._answer_seconds), lambda: self._deliver(delivery)
        )

    def write(self, mail: LaterMail) -> None:
        """Let a customer write now, in a new conversation or in the one that the mail names."""
        line = next((line for line in self._lines if line.subject == mail.joins), None)
        message_id = new_message_id(mail.sender)
        raw = write(
            sender=mail.sender,
            to=self._address,
            subject=mail.subject,
            at=datetime.now(UTC),
            text=mail.text,
            message_id=message_id,
            references=line.ids if line else (),
            attachments=mail.attachments,
        )
        if line is None:
            line = _Line(subject=mail.subject, customer=mail.sender, language=mail.language)
            self._lines.append(line)
        line.ids += (message_id,)
        self._deliver(Delivery(raw=raw))

    @property
    def _address(self) -> str:
        return f"{self._shop.seed.name} <{self._shop.seed.address}>"

    def _deliver(self, delivery: Delivery) -> None:
        self._server.deliver(delivery)

    def _line_of(self, message: EmailMessage, recipients: tuple[str, ...]) -> _Line | None:
        named = set(_ID.findall(f"{message['In-Reply-To'] or ''} {message['References'] or ''}"))
        by_id = [line for line in self._lines if named.intersection(line.ids)]
        if by_id:
            return by_id[0] if by_id[0].may_answer(recipients) else None
        by_address = [line for line in self._lines if line.may_answer(recipients)]
        return by_address[0] if by_address else None

    def _answer(self, line: _Line, message: EmailMessage) -> Delivery:
        if line.own_answers:
            text = line.own_answers.pop(0)
        else:
            general = self._shop.answers[line.language]
            text = general[line.answered % len(general)]
        body = message.get_body(("plain",))
        ours = body.get_content().strip() if body is not None else ""
        now = datetime.now(UTC)
        subject = str(message["Subject"] or "")
        message_id = new_message_id(line.customer)
        raw = write(
            sender=line.customer,
            to=self._address,
            subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
            at=now,
            text=text
            + quote(
                _without_history(ours),
                wrote=self._shop.wrote[line.language],
                at=now,
                name=self._shop.seed.name,
            ),
            message_id=message_id,
            references=line.ids,
        )
        line.ids += (message_id,)
        return Delivery(raw=raw)


@dataclass(slots=True, kw_only=True)
class _Line:
    """What a customer remembers of one conversation."""

    subject: str
    customer: str
    language: str
    ids: tuple[str, ...] = ()
    own_answers: list[str] = field(default_factory=list)
    answered: int = 0

    @classmethod
    def of(cls, talk: Talk) -> _Line:
        return cls(
            subject=talk.subject,
            customer=talk.customer,
            language=talk.language,
            ids=tuple(letter.message_id for letter in talk.letters),
            own_answers=list(talk.answers),
            # What no person wrote is answered by no person.
            answered=0 if talk.personal else _MOST_ANSWERS,
        )

    def may_answer(self, recipients: tuple[str, ...]) -> bool:
        address = parseaddr(self.customer)[1].lower()
        return address in {recipient.lower() for recipient in recipients}


def _without_history(text: str) -> str:
    return text.split("\n>")[0].strip()
