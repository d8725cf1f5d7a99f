"""Mail in, answer out, against a real Dovecot and a real SMTP server, without a window."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from bench.corpus import INBOX, SENT, Sample
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.services import replies
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import customers, raw_mails
from desktop_inbox.store.search import search
from tests.e2e.letters import DRAWING, question
from tests.support.desk import Desk, parsed, partition
from tests.support.dovecot import Dovecot
from tests.support.smtp_server import SmtpServer

Filled = tuple[Desk, list[Sample]]

COUNT = 500


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory,
    dovecot: Dovecot,
    _smtp_process: SmtpServer,
) -> Iterator[Filled]:
    """A desk that has fetched a mailbox for the first time, and what lay in that mailbox."""
    desk = Desk.open(tmp_path_factory.mktemp("filled"), dovecot.mailbox("shop"), _smtp_process)
    samples = desk.fill(COUNT)
    asyncio.run(_fetch(desk))
    yield desk, samples
    desk.close()


async def _fetch(desk: Desk) -> None:
    await desk.add_account()
    await desk.sync()


def test_five_hundred_messages_arrive_once_each(filled: Filled) -> None:
    desk, samples = filled
    copies = [sample for sample in samples if sample.copy_of is not None]
    stored = desk.messages()
    assert len(stored) == COUNT - len(copies)
    assert desk.location_count() == COUNT
    totals = desk.totals()
    assert (totals.stored + totals.quarantined, totals.duplicates) == (len(stored), len(copies))
    expected = {sample.message_id for sample in samples if sample.message_id}
    found = [row.external_id for row in stored if row.external_id in expected]
    assert sorted(found) == sorted(expected)

    asyncio.run(desk.sync())
    assert len(desk.messages()) == len(stored), "a second look brings nothing new"


def test_threads_are_those_that_the_mails_name(filled: Filled) -> None:
    desk, samples = filled
    wanted = partition([(one.thread, one.message_id) for one in samples if one.message_id])
    known = {one.message_id for one in samples}
    stored = desk.messages()
    found = partition(
        [(row.conversation_id, row.external_id) for row in stored if row.external_id in known]
    )
    assert found == wanted


def test_customers_are_who_wrote_or_was_written_to(filled: Filled) -> None:
    desk, samples = filled
    opened_by = {one.thread: one.customer for one in samples if one.index == one.thread}
    by_id = {row.external_id: row for row in desk.messages()}
    conversations = {row.id: row for row in desk.conversations()}
    for sample in samples:
        if not sample.message_id or sample.thread not in opened_by:
            continue
        conversation = conversations[by_id[sample.message_id].conversation_id]
        assert conversation.customer_id is not None
        customer = desk.read(partial(customers.row, customer_id=conversation.customer_id))
        assert customer is not None
        addresses = {identity.address for identity in customer.identities}
        assert addresses == {normalise_email(opened_by[sample.thread])}


def test_what_the_shop_sent_from_elsewhere_is_ours(filled: Filled) -> None:
    desk, samples = filled
    folders = {one.message_id: one.folder for one in samples if one.kind.startswith(("p", "h"))}
    for row in desk.messages():
        folder = folders.get(row.external_id)
        if folder == SENT:
            assert (row.direction, row.delivery) == (Direction.OUT, Delivery.SENT)
        elif folder == INBOX:
            assert row.direction is Direction.IN


def test_a_nasty_message_is_kept_as_it_came(filled: Filled) -> None:
    desk, samples = filled
    names = {one.message_id for one in samples if one.kind.startswith("nasty") and one.message_id}
    on_server = {
        parsed(raw)["Message-ID"].strip("<>"): raw
        for uid in desk.mailbox.uids(criterion="HEADER Message-ID nasty-")
        for raw in [desk.mailbox.raw(uid)]
    }
    kept = {row.external_id: row for row in desk.messages() if row.external_id in names}
    assert set(kept) == names
    assert set(on_server) == names
    for name in names:
        assert raw_mails.read(desk.workspace.files, kept[name]) == on_server[name]


def test_every_language_is_found_by_its_words(filled: Filled) -> None:
    desk, _samples = filled
    for typed in ("bowl", "größere", "kargo", "ĞÜNLER", "commande", "спасибо", "注文"):
        found = desk.read(partial(search, typed=typed))
        assert found.messages, typed


async def test_a_reply_with_an_attachment_reaches_the_customer_and_lies_in_sent_once(
    desk: Desk,
) -> None:
    customer = desk.mailbox.server.mailbox("customer")
    desk.mailbox.deliver(question(customer=customer, shop=desk.mailbox))
    await desk.add_account()
    await desk.sync()
    conversation = desk.conversation_about("Glasur der Schale")

    sha256 = desk.workspace.files.put(DRAWING, durable=True)
    file = {"name": "Größe.pdf", "media_type": "application/pdf", "size": len(DRAWING)}
    draft = DraftContent(
        conversation_id=conversation.id,
        to=desk.timeline(conversation.id)[0].from_,
        subject="Re: Glasur der Schale",
        body="Ja, bis 70 °C. Die Zeichnung hängt an.",
        attachments=({**file, "sha256": sha256},),
    )
    queued = desk.write(lambda tx: replies.queue_reply(tx, desk.workspace.files, draft=draft))
    await desk.sync()

    [uid] = customer.uids()
    received = parsed(customer.raw(uid))
    assert received["Message-ID"] == f"<{queued.client_ref}>"
    assert received["In-Reply-To"] == "<question-1@customer.example>"
    assert received["References"].split() == [
        "<older-2@customer.example>",
        "<older-3@customer.example>",
        "<question-1@customer.example>",
    ]
    body = received.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Ja, bis 70 °C. Die Zeichnung hängt an."
    [attached] = received.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Größe.pdf", DRAWING)

    await desk.sync()
    [copy] = desk.mailbox.uids("Sent")
    assert parsed(desk.mailbox.raw(copy, "Sent"))["Message-ID"] == f"<{queued.client_ref}>"
    asked, answered = desk.timeline(conversation.id)
    assert (asked.direction, answered.direction) == (Direction.IN, Direction.OUT)
    assert (answered.id, answered.delivery) == (queued.message_id, Delivery.SENT)
    assert [one.name for one in answered.attachments] == ["Größe.pdf"]
    assert len(desk.smtp.accepted) == 1
    assert len(desk.mailbox.uids(criterion="ANSWERED")) == 1


async def test_the_customers_answer_to_the_reply_joins_the_conversation(desk: Desk) -> None:
    customer = desk.mailbox.server.mailbox("customer")
    desk.mailbox.deliver(question(customer=customer, shop=desk.mailbox))
    await desk.add_account()
    await desk.sync()
    conversation = desk.conversation_about("Glasur der Schale")
    draft = DraftContent(
        conversation_id=conversation.id,
        to=desk.timeline(conversation.id)[0].from_,
        subject="Re: Glasur der Schale",
        body="Ja.",
    )
    queued = desk.write(lambda tx: replies.queue_reply(tx, desk.workspace.files, draft=draft))
    await desk.sync()
    thanks = (
        f"From: {customer.address}\r\nTo: {desk.mailbox.address}\r\n"
        f"Subject: AW: Glasur der Schale\r\nMessage-ID: <thanks@customer.example>\r\n"
        f"Date: Mon, 02 Feb 2026 11:00:00 +0100\r\nIn-Reply-To: <{queued.client_ref}>\r\n\r\nDanke!"
    )
    desk.mailbox.deliver(thanks.encode())
    await desk.sync()
    texts = [row.text.strip() for row in desk.timeline(conversation.id)]
    assert sorted(texts) == sorted(
        ["Guten Tag, ist die Glasur spülmaschinenfest?", "Ja.", "Danke!"]
    )
