"""Ingest: each message once, and what it does to its conversation and its customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desktop_inbox.connectors.contract import (
    FolderReset,
    FolderRole,
    Gone,
    Location,
    MarkedElsewhere,
)
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction
from desktop_inbox.mime.parse import parse_message
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import accounts, customers, known_messages, outbox, raw_mails, search
from desktop_inbox.store.database import utc_now
from desktop_inbox.sync.ingest import Ingested, store_items
from desktop_inbox.sync.mail import SAME_ID_OTHER_MAIL, message_id_of
from desktop_inbox.sync.parsing import Parsed
from tests.support.post import AYSE, BO, EVE, SHOP, START, Post
from tests.support.scripted_connector import raw_mail

# A message


def test_a_mail_becomes_a_conversation_with_its_customer(post: Post) -> None:
    assert post.bring(post.mail("a@x", subject="Blue mug?")) == Ingested(stored=1)
    row = post.only()
    assert (row.subject, row.customer_name, row.status) == ("Blue mug?", "Ayşe", Status.OPEN)
    assert (row.unread, row.waiting_since) == (1, START)
    (message,) = post.room.messages(row.id)
    assert (message.direction, message.external_id) == (Direction.IN, "a@x")
    assert b"Blue mug?" in raw_mails.read(post.room.workspace.files, message)


def test_mail_from_before_the_owner_began_arrives_closed_and_a_new_answer_opens_it(
    post: Post,
) -> None:
    post.mailbox = replace(post.mailbox, closed_before=START + timedelta(minutes=5))
    post.bring(post.mail("a@x", minute=1), post.mail("b@x", minute=5, subject="New"))
    status = {row.subject: row.status for row in post.room.conversations()}
    assert status == {"A question": Status.CLOSED, "New": Status.OPEN}
    post.bring(post.mail("c@x", minute=6, reply_to="a@x"))
    assert {row.status for row in post.room.conversations()} == {Status.OPEN}


def test_what_is_stored_can_be_searched(post: Post) -> None:
    post.bring(post.mail("a@x", body="Çok güzel bir ibrik"))
    found = post.room.read(lambda conn: search.search(conn, "IBRIK guzel", limit=5))
    assert found.total == 1


def test_the_cursor_and_the_counts_are_committed_with_the_messages(post: Post) -> None:
    post.bring(post.mail("a@x"), post.mail("b@x"), post.mail("a@x", role=FolderRole.ARCHIVE))
    read = post.room.read
    assert read(lambda conn: accounts.cursor(conn, post.mailbox.id)) == {"pull": 1}
    totals = read(lambda conn: accounts.totals(conn, post.mailbox.id))
    assert (totals.stored, totals.duplicates, totals.quarantined) == (2, 1, 0)


def test_a_batch_that_cannot_be_stored_leaves_nothing_behind(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(accounts, "set_cursor", fail)
    with pytest.raises(RuntimeError):
        post.bring(post.mail("a@x"))
    assert post.room.conversations() == []
    assert post.room.read(lambda conn: accounts.cursor(conn, post.mailbox.id)) is None


def test_a_date_in_the_future_does_not_rule_the_list(post: Post) -> None:
    mail = post.mail("a@x", minute=60 * 24 * 365)
    post.bring(replace(mail, received_at=START))
    assert post.only().last_at == START


# Headers first


def test_headers_show_at_once_and_the_body_completes_them_in_place(post: Post) -> None:
    header = post.mail("a@x", complete=False, subject="Blue mug?")
    assert post.bring(header).stored == 1
    before = post.only()
    whole = post.mail("a@x", subject="Blue mug?", body="Is it there?")
    assert post.bring(replace(whole, location=header.location)) == Ingested()
    after = post.only()
    assert (before.id, before.snippet, after.snippet) == (after.id, "", "Is it there?")
    (message,) = post.room.messages(after.id)
    assert message.complete
    assert message.text.strip() == "Is it there?"
    assert post.room.read(lambda conn: search.search(conn, "there", limit=5)).total == 1


def test_a_read_mark_set_between_headers_and_body_stays(post: Post) -> None:
    header = post.mail("a@x", complete=False)
    post.bring(header)
    post.room.write(lambda tx: actions.mark_read(tx, post.only().id))
    post.bring(replace(post.mail("a@x"), location=header.location))
    assert post.only().unread == 0


def test_a_header_without_a_message_id_waits_for_its_body(post: Post) -> None:
    header = post.mail("", complete=False)
    assert post.bring(header) == Ingested()
    assert post.bring(replace(post.mail(""), location=header.location)).stored == 1


# Duplicates, rule C4


def test_one_mail_in_two_folders_is_one_message_in_two_places(post: Post) -> None:
    post.bring(post.mail("a@x"))
    assert post.bring(post.mail("a@x", role=FolderRole.ARCHIVE)).duplicates == 1
    (message,) = post.room.messages(post.only().id)
    places = post.room.read(lambda conn: known_messages.places_of(conn, message.id))
    assert {place.folder for place in places} == {"inbox", "archive"}


def test_a_batch_delivered_twice_changes_nothing(post: Post) -> None:
    mails = [post.mail("a@x"), post.mail("b@x", reply_to="a@x")]
    post.bring(*mails)
    before = post.room.conversations()
    assert post.bring(*mails) == Ingested()
    assert post.room.conversations() == before


def test_mail_without_a_message_id_is_known_by_what_it_says(post: Post) -> None:
    first = post.mail("", body="Same words")
    again = replace(first, location=Location(folder="archive", uidvalidity=1, uid=9))
    other = post.mail("", body="Other words")
    assert post.bring(first).stored == 1
    assert post.bring(again, other) == Ingested(stored=1, duplicates=1)


@pytest.mark.parametrize("together", [True, False])
def test_a_stolen_message_id_does_not_hide_a_mail(post: Post, together: bool) -> None:
    real = post.mail("a@x", subject="My order", body="Where is it?")
    stolen = post.mail("a@x", sender=EVE, subject="Prize", body="Click", minute=1)
    if together:
        counts = post.bring(real, stolen)
    else:
        post.bring(real)
        counts = post.bring(stolen)
    assert counts.stored == (2 if together else 1)
    rows = post.room.conversations()
    assert {row.subject for row in rows} == {"My order", "Prize"}
    flagged = [m for row in rows for m in post.room.messages(row.id) if m.warnings]
    assert [m.warnings for m in flagged] == [(SAME_ID_OTHER_MAIL,)]
    assert message_id_of(flagged[0]) == "a@x"


def test_a_stolen_message_id_is_kept_once_however_often_it_comes(post: Post) -> None:
    post.bring(post.mail("a@x", subject="My order"))
    stolen = post.mail("a@x", sender=EVE, subject="Prize", minute=1)
    post.bring(stolen)
    moved = replace(stolen, location=Location(folder="archive", uidvalidity=1, uid=77))
    assert post.bring(moved).duplicates == 1


def test_a_mailer_that_reuses_one_id_loses_no_mail(post: Post) -> None:
    post.bring(post.mail("same@x", subject="Order 1", body="One", minute=0))
    counts = post.bring(post.mail("same@x", subject="Order 2", body="Two", minute=90))
    assert counts.stored == 1


# Our own mail


def test_what_we_sent_elsewhere_is_ours_and_its_conversation_is_closed(post: Post) -> None:
    post.bring(post.mail("s@shop", sender=SHOP, to=AYSE))
    row = post.only()
    assert (row.status, row.customer_name, row.unread) == (Status.CLOSED, "Ayşe", 0)
    (message,) = post.room.messages(row.id)
    assert (message.direction, message.delivery) == (Direction.OUT, Delivery.SENT)


def test_our_own_name_in_the_inbox_proves_nothing(post: Post) -> None:
    post.bring(post.mail("a@x", sender=AYSE))
    post.bring(
        post.mail("e@x", sender=SHOP, role=FolderRole.INBOX, reply_to="a@x", minute=1, to=SHOP)
    )
    assert post.groups() == {frozenset({"a@x"}), frozenset({"e@x"})}


def test_a_form_that_writes_in_our_name_belongs_to_who_filled_it_in(post: Post) -> None:
    post.bring(
        post.mail("f@x", sender=SHOP, role=FolderRole.INBOX, extra="Reply-To: Bo <bo@example.net>")
    )
    assert post.only().customer_name == "Bo"


def test_the_copy_of_what_we_sent_is_recognised(post: Post) -> None:
    post.bring(post.mail("a@x"))
    queued = post.room.queue(conversation_id=post.only().id)
    post.room.write(lambda tx: outbox.sent(tx, queued.message_id))
    copy = post.mail(queued.client_ref, sender=SHOP, to=AYSE, reply_to="a@x", body="Changed")
    assert post.bring(copy).duplicates == 1
    assert len(post.room.messages(post.only().id)) == 2


def test_a_copy_in_sent_settles_what_was_uncertain(post: Post) -> None:
    post.bring(post.mail("a@x"))
    queued = post.room.queue(conversation_id=post.only().id)
    post.room.write(lambda tx: outbox.uncertain(tx, queued.message_id, code="x", detail=""))
    post.bring(post.mail(queued.client_ref, sender=SHOP, to=AYSE))
    assert post.room.message(queued.message_id).delivery is Delivery.SENT
    assert post.room.outbox() == []


def test_an_outsider_who_knows_our_message_id_settles_nothing(post: Post) -> None:
    queued = post.room.queue(account_id=post.mailbox.id)
    post.room.write(lambda tx: outbox.uncertain(tx, queued.message_id, code="x", detail=""))
    assert post.bring(post.mail(queued.client_ref, sender=EVE, subject="Gotcha")).stored == 1
    assert post.room.message(queued.message_id).delivery is Delivery.UNCERTAIN


# Status, rules A3, A4, D5 and H1


def test_archived_mail_does_not_fill_the_inbox(post: Post) -> None:
    post.bring(post.mail("a@x", role=FolderRole.ARCHIVE))
    assert post.only().status is Status.CLOSED


def test_a_customer_who_writes_again_reopens_the_conversation(post: Post) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.close(tx, post.only().id))
    later = utc_now() + timedelta(hours=1)
    post.bring(replace(post.mail("b@x", reply_to="a@x"), received_at=later))
    assert post.only().status is Status.OPEN


def test_old_mail_that_a_first_sync_brings_reopens_nothing(post: Post) -> None:
    post.bring(post.mail("b@x", reply_to="a@x", minute=5))
    post.room.write(lambda tx: actions.close(tx, post.only().id))
    post.bring(post.mail("a@x"))
    assert post.only().status is Status.CLOSED


AUTO = "Auto-Submitted: auto-replied"


def test_an_auto_reply_attaches_and_reopens_nothing(post: Post) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.close(tx, post.only().id))
    auto = post.mail("o@x", reply_to="a@x", extra=AUTO)
    post.bring(replace(auto, received_at=utc_now() + timedelta(hours=1)))
    row = post.only()
    assert (row.status, row.message_count) == (Status.CLOSED, 2)


def test_an_auto_reply_to_what_we_sent_does_not_open_the_inbox(post: Post) -> None:
    post.bring(post.mail("o@x", reply_to="s@shop", minute=1, extra=AUTO))
    post.bring(post.mail("s@shop", sender=SHOP, to=AYSE))
    row = post.only()
    assert (row.status, row.waiting_since) == (Status.CLOSED, None)


@pytest.mark.parametrize("until_reply", [True, False])
def test_a_customer_who_writes_ends_a_snooze(post: Post, until_reply: bool) -> None:
    post.bring(post.mail("a@x"))
    tomorrow = utc_now() + timedelta(days=1)
    key = post.only().id
    post.room.write(lambda tx: actions.snooze(tx, key, until=tomorrow, until_reply=until_reply))
    post.bring(
        replace(post.mail("b@x", reply_to="a@x"), received_at=utc_now() + timedelta(hours=1))
    )
    row = post.only()
    assert (row.status, row.snoozed_until) == (Status.OPEN, None)


def test_spam_stays_spam(post: Post) -> None:
    post.bring(post.mail("a@x"))
    post.room.write(lambda tx: actions.set_status(tx, post.only().id, Status.SPAM))
    later = utc_now() + timedelta(hours=1)
    post.bring(replace(post.mail("b@x", reply_to="a@x"), received_at=later))
    assert post.room.conversations("spam")[0].status is Status.SPAM


# Customers (E1 to E3, E6)


def test_one_address_is_one_customer_however_it_is_written(post: Post) -> None:
    post.bring(post.mail("a@x", sender="Ayşe <Ayse@Example.ORG>"))
    post.bring(post.mail("b@x", sender="AYSE@example.org"))
    found = post.room.read(lambda conn: customers.list_all(conn))
    assert [row.name for row in found] == ["Ayşe"]
    assert len(post.room.conversations()) == 2


def test_a_new_voice_does_not_repoint_the_conversation(post: Post) -> None:
    post.bring(post.mail("a@x", extra=f"Cc: {BO}"))
    post.bring(post.mail("b@x", sender=BO, reply_to="a@x", minute=1))
    assert post.only().customer_name == "Ayşe"


def test_a_name_that_looks_like_an_address_is_not_believed(post: Post) -> None:
    post.bring(post.mail("a@x", sender='"boss@bank.example" <eve@evil.example>'))
    assert post.only().customer_name == "eve@evil.example"


# What happens on the server (O1, O7)


def test_reading_elsewhere_is_reading(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.bring(MarkedElsewhere(location=mail.location, seen=True, flagged=False))
    assert post.only().unread == 0
    post.bring(MarkedElsewhere(location=mail.location, seen=False, flagged=False))
    assert post.only().unread == 1


def test_what_is_gone_from_the_server_stays_here(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    post.bring(Gone(folder="inbox", uidvalidity=1, uids=(mail.location.uid,)))
    (message,) = post.room.messages(post.only().id)
    assert post.room.read(lambda conn: known_messages.places_of(conn, message.id)) == []


def test_a_renumbered_folder_keeps_messages_notes_and_tags(post: Post) -> None:
    mail = post.mail("a@x")
    post.bring(mail)
    key = post.only().id
    post.room.write(lambda tx: actions.tag(tx, key, "VIP"))
    again = replace(mail, location=Location(folder="inbox", uidvalidity=2, uid=500))
    counts = post.bring(FolderReset(folder="inbox", uidvalidity=2), again)
    assert counts.duplicates == 1
    row = post.only()
    assert [tag.name for tag in row.tags] == ["VIP"]
    (message,) = post.room.messages(row.id)
    (place,) = post.room.read(lambda conn: known_messages.places_of(conn, message.id))
    assert (place.uidvalidity, place.uid) == (2, 500)


# Unreadable, rule O4


def test_what_cannot_be_read_is_kept_raw_and_shown_as_such(post: Post) -> None:
    mail = post.mail("a@x")
    sha256 = post.room.workspace.files.put(mail.raw)
    parsed = [
        Parsed(
            mail=mail,
            message=parse_message(mail.raw.partition(b"\r\n\r\n")[0], complete=False),
            raw_sha256=sha256,
            unreadable="time",
        )
    ]
    counts = post.room.write(lambda tx: store_items(tx, post.mailbox, [mail], parsed, cursor={}))
    assert counts == Ingested(quarantined=1)
    (message,) = post.room.messages(post.only().id)
    assert (message.unreadable, message.raw_sha256) == ("time", sha256)
    assert message.subject == "A question"


def test_a_mail_of_which_nothing_can_be_read_is_kept_too(post: Post) -> None:
    mail = raw_mail(b"\x00" * 100, uid=1)
    sha256 = post.room.workspace.files.put(mail.raw)
    parsed = [Parsed(mail=mail, message=None, raw_sha256=sha256, unreadable="crash")]
    for _ in range(2):
        post.room.write(lambda tx: store_items(tx, post.mailbox, [mail], parsed, cursor={}))
    (message,) = post.room.messages(post.only().id)
    assert message.unreadable == "crash"
