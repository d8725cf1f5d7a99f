"""Mail that came back, and people who are away, are told where the message is (D5, D6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from desktop_inbox.connectors.contract import FolderRole, RawMail
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Delivery, MessageClass
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import outbox, suppression
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.store.schema import message
from desktop_inbox.store.suppression import SUPPRESSED_FOR
from tests.support.post import AYSE, EVE, SHOP, START, Post
from tests.support.scripted_connector import raw_mail

DAEMON = "MAILER-DAEMON@mx.example.net"


def _sent(post: Post, *to: str) -> tuple[int, str]:
    """Let the shop send a message and return its id and its Message-ID."""
    queued = post.room.queue(to=to[0] if to else "ayse@example.org")
    post.room.write(lambda tx: outbox.sent(tx, queued.message_id))
    return queued.message_id, queued.client_ref


def _add_copy_to_bo(post: Post, message_id: int) -> None:
    people = {"to": [["", "ayse@example.org"]], "cc": [["", "bo@example.net"]]}
    changed = update(message).where(message.c.id == message_id).values(people=people)
    post.room.write(lambda tx: tx.conn.execute(changed))


def _refused(row: MessageRow) -> list[dict[str, str]]:
    found = row.delivery_detail["refused"]
    assert isinstance(found, list)
    return found


def _report(
    post: Post,
    about: str,
    *,
    recipient: str = "ayse@example.org",
    status: str = "5.1.1",
    action: str = "failed",
    words: str = "550 5.1.1 no such user here",
    headers_only: bool = True,
    sender: str = DAEMON,
    extra: str = "",
) -> RawMail:
    """Return a delivery report as Postfix writes it (RFC 3464)."""
    uid = next(post.uids)
    returned = "text/rfc822-headers" if headers_only else "message/rfc822"
    return raw_mail(
        f"""Return-Path: <>
From: Mail Delivery System <{sender}>
To: {SHOP}
Subject: Undelivered Mail Returned to Sender
Date: Mon, 21 Sep 2026 08:05:00 +0000
Message-ID: <report-{uid}@mx.example.net>
Auto-Submitted: auto-replied
{extra}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b1

--b1
Content-Type: text/plain

This is the mail system. I'm sorry to have to inform you …

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b1
Content-Type: {returned}

From: {SHOP}
To: {recipient}
Subject: Re: A question
Message-ID: <{about}>

--b1--
""",
        uid=uid,
        received_at=START + timedelta(minutes=5),
    )


@pytest.mark.parametrize("headers_only", [True, False])
def test_a_bounce_is_told_at_the_message_that_failed_d6(post: Post, headers_only: bool) -> None:
    message_id, ref = _sent(post)
    post.bring(_report(post, ref, headers_only=headers_only))
    row = post.only()
    bounce = post.room.messages(row.id)[0]
    assert bounce.kind is MessageClass.BOUNCE_PERMANENT
    failed = post.room.message(message_id)
    assert failed.delivery is Delivery.RETURNED
    assert failed.delivery_detail["refused"] == [
        {"address": "ayse@example.org", "code": "5.1.1", "text": "550 5.1.1 no such user here"}
    ]
    assert (row.status, row.failed, row.waiting_since) == (Status.OPEN, True, None)


def test_an_address_that_mail_came_back_from_gets_nothing_by_itself_d6(post: Post) -> None:
    _, ref = _sent(post)
    post.bring(_report(post, ref))
    found = post.room.read(lambda conn: suppression.of(conn, ["ayse@example.org"]))
    known = found["ayse@example.org"]
    assert known.until - known.since == SUPPRESSED_FOR
    assert "no such user" in known.words
    post.bring(post.mail("alive@x"))  # and lives again once somebody writes from there
    assert not post.room.read(lambda conn: suppression.of(conn, ["ayse@example.org"]))


def test_a_delay_is_a_note_only_d6(post: Post) -> None:
    message_id, ref = _sent(post)
    post.bring(_report(post, ref, status="4.4.1", action="delayed"))
    row = post.only()
    assert post.room.messages(row.id)[0].kind is MessageClass.BOUNCE_TEMPORARY
    assert post.room.message(message_id).delivery is Delivery.SENT
    assert not row.failed


def test_one_of_several_recipients_who_did_not_get_it_is_named_d6(post: Post) -> None:
    message_id, ref = _sent(post)
    _add_copy_to_bo(post, message_id)
    post.bring(_report(post, ref, recipient="BO@example.net"))
    failed = post.room.message(message_id)
    assert failed.delivery is Delivery.SENT
    assert [one["address"] for one in _refused(failed)] == ["bo@example.net"]


def test_the_same_report_twice_is_told_once(post: Post) -> None:
    message_id, ref = _sent(post)
    post.bring(_report(post, ref))
    post.bring(_report(post, ref))
    assert len(_refused(post.room.message(message_id))) == 1
    assert len(post.room.messages(post.only().id)) == 3


def test_a_report_reaches_a_conversation_that_was_closed_and_leaves_it_closed_a3(
    post: Post,
) -> None:
    _, ref = _sent(post)
    post.room.write(lambda tx: actions.close(tx, post.only().id))
    post.bring(_report(post, ref))
    assert post.only().status is Status.CLOSED


def test_a_report_that_comes_before_the_copy_in_sent_finds_it_later(post: Post) -> None:
    post.bring(_report(post, "elsewhere@example.com"))
    assert post.only().status is Status.OPEN
    post.bring(post.mail("elsewhere@example.com", sender=SHOP, to=AYSE))
    row = post.only()
    states = {one.delivery for one in post.room.messages(row.id)}
    assert states == {Delivery.RETURNED, None}


@pytest.mark.parametrize("sender", [DAEMON, "eve@evil.example"])
def test_a_report_on_an_id_that_was_guessed_joins_nothing(post: Post, sender: str) -> None:
    message_id, _ = _sent(post)
    post.bring(_report(post, "guessed@example.com", sender=sender))
    assert len(post.room.conversations()) == 2
    assert post.room.message(message_id).delivery is Delivery.SENT


def test_a_report_on_somebody_the_message_never_went_to_fails_nothing(post: Post) -> None:
    message_id, ref = _sent(post)
    _add_copy_to_bo(post, message_id)
    post.bring(_report(post, ref, recipient="victim@example.edu"))
    assert post.room.message(message_id).delivery is Delivery.SENT
    assert not post.room.read(lambda conn: suppression.of(conn, ["victim@example.edu"]))
    assert len(post.room.conversations()) == 2


def test_a_forged_report_lets_nobody_into_the_conversation(post: Post) -> None:
    """Whoever was forwarded our mail knows its id; a report in their name opens no door."""
    _, ref = _sent(post)
    post.bring(_report(post, ref, sender="eve@evil.example", extra=f"Cc: {EVE}\n"))
    post.bring(post.mail("eve@x", sender=EVE, reply_to=ref, minute=9))
    assert len(post.room.conversations()) == 2


def test_a_report_whose_body_comes_later_is_followed_then(post: Post) -> None:
    message_id, ref = _sent(post)
    whole = _report(post, ref)
    head = raw_mail(
        whole.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
        uid=whole.location.uid,
        received_at=whole.received_at,
        complete=False,
    )
    post.bring(head)
    assert len(post.room.conversations()) == 2
    post.bring(whole)
    assert len(post.room.messages(post.only().id)) == 2
    assert post.room.message(message_id).delivery is Delivery.RETURNED


def test_what_qmail_writes_for_people_is_understood(post: Post) -> None:
    message_id, ref = _sent(post)
    post.bring(
        raw_mail(
            f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: {SHOP}
Subject: failure notice
Date: Mon, 21 Sep 2026 08:05:00 +0000
Message-ID: <q@mx.example.net>

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.

<ayse@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: <{ref}>
Subject: Re: A question
""",
            uid=next(post.uids),
        )
    )
    assert post.room.message(message_id).delivery is Delivery.RETURNED


def test_until_when_somebody_is_away_is_a_fact_d5(post: Post) -> None:
    _, ref = _sent(post)
    post.bring(
        post.mail(
            "away@x",
            minute=5,
            reply_to=ref,
            subject="Automatic reply: A question",
            body="I am out of the office until 5 October 2026.",
            extra="Auto-Submitted: auto-replied",
        )
    )
    row = post.only()
    assert row.waiting_since is None
    away = next(one for one in post.room.messages(row.id) if one.kind is MessageClass.AUTO_REPLY)
    assert away.report == {"absent_until": "2026-10-05"}


def test_an_automatic_answer_that_names_no_id_attaches_by_its_subject_d5(post: Post) -> None:
    queued = post.room.queue()
    post.bring(
        post.mail(
            "away@x",
            subject="Automatic reply: Re: A question",
            extra="Auto-Submitted: auto-replied",
            role=FolderRole.INBOX,
        )
    )
    assert {one.id for one in post.room.conversations()} == {queued.conversation_id}
