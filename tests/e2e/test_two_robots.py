"""Two of our own programs that answer by themselves stop after one answer (rules D3, D4).

Both are real: two workspaces, two engines, mail through Dovecot and an SMTP server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import Envelope

from desktop_inbox.domain.messages import Address, Delivery, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts
from tests.support.automatic import answer_by_itself
from tests.support.desk import Desk, parsed
from tests.support.dovecot import Dovecot
from tests.support.smtp_server import SmtpServer

ROUNDS = 4  # far more than it takes
AWAY = "We are away until the first of March."


@pytest.fixture
def other(tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer) -> Iterator[Desk]:
    """Another shop, with a workspace of its own."""
    other = Desk.open(tmp_path / "other", dovecot.mailbox("other"), smtp_server)
    yield other
    other.close()


async def _set_up(*desks: Desk) -> None:
    for desk in desks:
        key = await desk.add_account()
        desk.write(
            lambda tx, key=key: answer_by_itself(tx, key, mode="away", text=AWAY)  # type: ignore[misc]
        )


def _write(desk: Desk, to: str) -> None:
    (account,) = desk.read(accounts.list_all)
    draft = DraftContent(
        account_id=account.id,
        mode="new",
        to=(Address(address=to),),
        subject="Two mugs",
        body="Do you have two mugs?",
    )
    desk.write(lambda tx: replies.compose_new(tx, desk.workspace.files, draft=draft))


async def _let_them_talk(*desks: Desk) -> None:
    for _ in range(ROUNDS):
        for desk in desks:
            await desk.sync()


async def test_two_programs_that_answer_by_themselves_stop_after_one_answer(
    desk: Desk, other: Desk, smtp_server: SmtpServer
) -> None:
    await _set_up(desk, other)
    _write(desk, other.mailbox.address)
    await _let_them_talk(desk, other)
    assert [one.sender for one in smtp_server.accepted] == [
        desk.mailbox.address,
        other.mailbox.address,
    ]
    answer = parsed(smtp_server.accepted[1].raw)
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["X-Auto-Response-Suppress"] == "All"
    question, received = desk.timeline(desk.conversations()[0].id)
    assert answer["In-Reply-To"] == f"<{question.client_ref}>"
    assert (received.direction, received.kind) == (Direction.IN, MessageClass.AUTO_REPLY)
    _, sent = other.timeline(other.conversations()[0].id)
    assert (sent.kind, sent.delivery) == (MessageClass.AUTO_REPLY, Delivery.SENT)


async def test_even_where_a_relay_takes_every_mark_away_each_answers_once(
    desk: Desk, other: Desk, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver = smtp_server.deliver
    marks = re.compile(rb"^(?:Auto-Submitted|X-[\w-]+): [^\r\n]*\r\n", re.MULTILINE)

    def strip(envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        envelope.content = marks.sub(b"", content)
        return deliver(envelope)

    monkeypatch.setattr(smtp_server, "deliver", strip)
    await _set_up(desk, other)
    _write(desk, other.mailbox.address)
    await _let_them_talk(desk, other)
    senders = [one.sender for one in smtp_server.accepted]
    assert senders == [desk.mailbox.address, other.mailbox.address, desk.mailbox.address]
