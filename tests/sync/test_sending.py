"""The whole way out against real servers that drop, fall silent and lie: at most once (N, A1).

The short form runs always; DESKTOP_INBOX_CUTS=100 cuts that many connections after the final dot.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from desktop_inbox.connectors.email import smtp
from desktop_inbox.connectors.email.connector import EmailConnector
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address, Delivery
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, messages, outbox
from desktop_inbox.store.rows import OutboxRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.outbox import Lane
from tests.support.dovecot import Mailbox, dovecot, mailbox  # noqa: F401
from tests.support.engine_room import eventually
from tests.support.lanes import Link, running
from tests.support.smtp_server import Cut, SmtpServer, _smtp_process, smtp_server  # noqa: F401
from tests.support.tls_authority import authority  # noqa: F401

CUTS = int(os.environ.get("DESKTOP_INBOX_CUTS", "10"))
SEED = int(os.environ.get("DESKTOP_INBOX_CUT_SEED", str(time.time_ns())))
SOON = timedelta(milliseconds=10)

pytestmark = pytest.mark.expects_log("handle_exception")  # the server's own, of cut connections


@dataclass
class Post:
    """One workspace, its mailbox, and the server that sends for it."""

    workspace: Workspace
    account_id: int
    mailbox: Mailbox
    smtp: SmtpServer
    link: Link

    def queue(self, *recipients: str, number: int = 0, **more: object) -> replies.QueuedReply:
        draft = DraftContent(
            account_id=self.account_id,
            mode="new",
            to=tuple(Address(address=one) for one in recipients or ("c@elsewhere.example",)),
            subject=f"Number {number}",
            body="Yes, two are left.",
        )
        files = self.workspace.files
        return self.workspace.db.write(
            lambda tx: replies.queue_reply(tx, files, draft=draft, **more)  # type: ignore[arg-type]
        ).result(10)

    def row(self, message_id: int) -> OutboxRow | None:
        return self.workspace.db.read(lambda conn: outbox.row(conn, message_id)).result(10)

    def delivery(self, message_id: int) -> Delivery | None:
        found = self.workspace.db.read(lambda conn: messages.row(conn, message_id)).result(10)
        assert found is not None
        return found.delivery

    def wire(self) -> Counter[str]:
        """How often the server took responsibility for each message."""
        return Counter(_message_id(one.raw) for one in self.smtp.accepted)

    def file_in_sent(self, ref: str) -> None:
        """Do what providers do that keep copies of what is sent through them."""
        self.mailbox.append(f"Message-ID: <{ref}>\r\nSubject: x\r\n\r\n".encode(), folder="Sent")

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Lane]:
        lane = Lane(
            self.workspace,
            self.account_id,
            link=self.link,
            look_after=(SOON,) * 2,
            send_delay=lambda attempts: SOON,
        )
        async with running(lane, self.workspace.db):
            yield lane


@pytest.fixture
async def post(
    workspace: Workspace,
    mailbox: Mailbox,  # noqa: F811
    smtp_server: SmtpServer,  # noqa: F811
) -> AsyncIterator[Post]:
    connector = EmailConnector(mailbox.config(smtp_server))
    account_id = workspace.db.write(
        lambda tx: accounts.create(
            tx, kind="email", title="Shop", address=mailbox.address, settings={}
        )
    ).result(10)
    yield Post(workspace, account_id, mailbox, smtp_server, Link(connector))
    await connector.close()


def _message_id(raw: bytes) -> str:
    return str(message_from_bytes(raw)["Message-ID"]).strip().strip("<>")


# Cut between the final dot and the 250 (quality.md, "Never lost, never doubled")


async def test_cut_after_the_final_dot_nothing_is_doubled_and_each_end_is_known_or_asked(
    post: Post,
) -> None:
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    filed: set[str] = set()
    queued = []
    async with post.sending() as lane:
        for number in range(CUTS):
            post.smtp.faults.clear()
            delivers = dice.random() < 0.7
            post.smtp.faults.plan("answer" if delivers else "dot", Cut.DROP, times=1)
            reply = post.queue(number=number)
            queued.append(reply)
            if delivers and dice.random() < 0.5:
                filed.add(reply.client_ref)
                post.file_in_sent(reply.client_ref)
            await eventually(lambda: _is_settled(post, reply.message_id))  # noqa: B023
            if dice.random() < 0.2:
                lane.line_is_back()
        post.smtp.faults.clear()
        lane.line_is_back()
        await eventually(lambda: not lane.busy)
    assert max(post.wire().values()) == 1, "delivered twice"
    for reply in queued:
        expected = Delivery.SENT if reply.client_ref in filed else Delivery.UNCERTAIN
        assert post.delivery(reply.message_id) is expected
    print(f"{sum(post.wire().values())} delivered, {len(queued) - len(filed)} uncertain")


def _is_settled(post: Post, message_id: int) -> bool:
    """Whether it was found, or looked for as often as it is by itself."""
    row = post.row(message_id)
    return row is None or (row.state == "uncertain" and row.look_at is None)


async def test_what_was_cut_is_found_when_its_copy_comes_to_sent_later(post: Post) -> None:
    post.smtp.faults.plan("answer", Cut.DROP, times=1)
    reply = post.queue()
    async with post.sending():
        await eventually(lambda: _is_settled(post, reply.message_id))
        assert post.delivery(reply.message_id) is Delivery.UNCERTAIN
        post.file_in_sent(reply.client_ref)
        post.workspace.db.write(lambda tx: replies.check(tx, reply.message_id)).result(10)
    async with post.sending():
        await eventually(lambda: post.delivery(reply.message_id) is Delivery.SENT)
    assert post.wire() == {reply.client_ref: 1}


# Every step


_BEFORE = ("greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA")
_AFTER = ("body", "dot", "answer")


@pytest.mark.parametrize("fault", [Cut.DROP, Cut.HANG, "451 4.3.0 later", "421 4.3.2 closing"])
@pytest.mark.parametrize("step", _BEFORE)
async def test_what_fails_before_the_body_leaves_once_when_it_works_again(
    post: Post, step: str, fault: Cut | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _be_impatient(monkeypatch)
    post.smtp.faults.plan(step, fault, times=1)
    reply = post.queue()
    async with post.sending():
        await eventually(lambda: post.row(reply.message_id) is None)
    assert post.wire() == {reply.client_ref: 1}
    assert len(post.mailbox.uids("Sent")) == 1


@pytest.mark.parametrize("fault", [Cut.DROP, Cut.HANG])
@pytest.mark.parametrize("step", _AFTER)
async def test_what_fails_after_the_body_began_is_never_sent_again_by_itself(
    post: Post, step: str, fault: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    _be_impatient(monkeypatch)
    post.smtp.faults.plan(step, fault, times=1)
    reply = post.queue()
    async with post.sending():
        await eventually(lambda: _is_settled(post, reply.message_id))
    assert post.delivery(reply.message_id) is Delivery.UNCERTAIN
    assert sum(post.wire().values()) == (step == "answer")


@pytest.mark.parametrize(
    ("step", "lie", "state"),
    [
        ("DATA", "250 2.0.0 already have it", Delivery.SENT),  # it has not; asked again it takes it
        ("RCPT", "999 what", Delivery.SENT),
        ("answer", "354 go on", Delivery.UNCERTAIN),
        ("answer", "999 what", Delivery.UNCERTAIN),
        ("reject", "554 5.7.1 spam", Delivery.FAILED),
    ],
)
async def test_a_server_that_lies_gets_nothing_twice(
    post: Post, step: str, lie: str, state: Delivery
) -> None:
    post.smtp.faults.plan(step, lie, times=1)
    reply = post.queue()
    async with post.sending():
        await eventually(lambda: post.delivery(reply.message_id) is state)
    assert sum(post.wire().values()) == (state is not Delivery.FAILED)


def _be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSWER_SECONDS", "DATA_SECONDS", "ACCEPT_SECONDS", "CONNECT_SECONDS"):
        monkeypatch.setattr(smtp, name, 0.3)


# Some of them


async def test_a_recipient_refused_for_now_gets_it_later_and_the_others_not_again(
    post: Post,
) -> None:
    post.smtp.faults.plan("RCPT", "450 4.2.0 greylisted", only="b@", times=1)
    post.smtp.faults.plan("RCPT", "550 5.1.1 nobody", only="c@")
    reply = post.queue("a@elsewhere.example", "b@elsewhere.example", "c@elsewhere.example")
    async with post.sending():
        await eventually(lambda: len(post.smtp.accepted) == 2)
        await eventually(lambda: getattr(post.row(reply.message_id), "state", "") == "failed")
    first, second = post.smtp.accepted
    assert (first.recipients, second.recipients) == (
        ("a@elsewhere.example",),
        ("b@elsewhere.example",),
    )
    assert first.raw == second.raw
    row = post.row(reply.message_id)
    assert row is not None
    assert row.recipients == ("c@elsewhere.example",)
    assert "550 5.1.1 nobody" in row.error_text
    assert len(post.mailbox.uids("Sent")) == 1


# Undo send (A4): the store decides, whatever window asks


@pytest.mark.parametrize("offset_ms", [-50, -20, -5, 0, 5, 20, 50])
async def test_taken_back_around_the_limit_it_never_leaves_or_was_too_late(
    post: Post, tmp_path: Path, offset_ms: int
) -> None:
    hold = timedelta(milliseconds=200)
    other_window = await asyncio.to_thread(Workspace.open, tmp_path / "data")
    try:
        async with post.sending():
            reply = post.queue(hold=hold)
            await asyncio.sleep((hold + timedelta(milliseconds=offset_ms)).total_seconds())
            taken_back = await asyncio.to_thread(_take_back, other_window, reply.message_id)
            if not taken_back:
                await eventually(lambda: post.delivery(reply.message_id) is Delivery.SENT)
            else:
                await asyncio.sleep(0.1)  # the lane's time to send what it must not
    finally:
        await asyncio.to_thread(other_window.close)
    assert sum(post.wire().values()) == (not taken_back)


def _take_back(workspace: Workspace, message_id: int) -> bool:
    try:
        workspace.db.write(lambda tx: replies.cancel(tx, message_id)).result(10)
    except UserError as error:
        if error.code not in ("too-late", "message-missing"):
            raise
        return False
    return True


async def test_two_windows_cannot_both_take_it_back(post: Post, tmp_path: Path) -> None:
    other = await asyncio.to_thread(Workspace.open, tmp_path / "data")
    try:
        reply = post.queue(hold=timedelta(minutes=1))
        both = [
            asyncio.to_thread(_take_back, workspace, reply.message_id)
            for workspace in (post.workspace, other)
        ]
        assert sorted(await asyncio.gather(*both)) == [False, True]
    finally:
        await asyncio.to_thread(other.close)
