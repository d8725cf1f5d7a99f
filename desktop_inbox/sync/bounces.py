"""Mail that came back finds the message that failed, and says so there (rules D5, D6).

Runs on the store's writer thread, in the transaction that stores the mail. Its body tells what it
is about, so this happens once the whole of it is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.messages import Delivery, DeliveryReport, FailedRecipient, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import arrivals, events, known_messages, messages, suppression, threads
from desktop_inbox.store.database import Tx
from desktop_inbox.store.known_messages import Known
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.sync.grouping import REPORTED
from desktop_inbox.sync.mail import Mail
from desktop_inbox.sync.mailbox import Mailbox

RETURNED = "message.returned"

_REPORTS = frozenset(
    {MessageClass.BOUNCE_PERMANENT, MessageClass.BOUNCE_TEMPORARY, MessageClass.AUTOMATED}
)


def settle(tx: Tx, mailbox: Mailbox, mails: Iterable[Mail]) -> set[int]:
    """Follow what stored mails report of others; return the conversations to refresh."""
    whole = [mail for mail in mails if mail.parsed.mail.complete and mail.id]
    touched: set[int] = set()
    alive = {
        mail.letter.sender
        for mail in whole
        if mail.direction is Direction.IN and mail.message.kind is MessageClass.HUMAN
    }
    if alive:
        suppression.lift(tx, alive)
    for mail in whole:
        if mail.message.absent_until is not None:
            messages.set_report(
                tx, mail.id, {"absent_until": mail.message.absent_until.isoformat()}
            )
        if mail.message.report is not None and mail.direction is Direction.IN:
            messages.set_report(tx, mail.id, _packed(mail.message.report))
            touched |= _follow(tx, mailbox, mail.id, mail.message.report, mail.letter.ancestors)
    return touched | _catch_up(tx, mailbox, [mail for mail in mails if mail.letter.from_me])


def _follow(
    tx: Tx, mailbox: Mailbox, bounce_id: int, report: DeliveryReport, ancestors: Sequence[str]
) -> set[int]:
    names = tuple(dict.fromkeys((*report.message_ids, *ancestors)))
    bounce = messages.row(tx.conn, bounce_id)
    if bounce is None or not names:
        return set()
    known = known_messages.by_message_ids(tx.conn, mailbox.id, names)
    ours = [known[name] for name in names if name in known and _is_ours(known[name])]
    if not ours:
        _remember(tx, bounce_id, names)
        return set()
    failed = messages.row(tx.conn, ours[0].id)
    if failed is None or not _is_about(report, failed):
        return set()
    touched = _move(tx, bounce, failed)
    permanent = [one for one in report.recipients if one.permanent]
    if permanent:
        _fail(tx, failed, permanent)
    return touched | {failed.conversation_id}


def _is_ours(known: Known) -> bool:
    return known.direction is Direction.OUT


def _is_about(report: DeliveryReport, failed: MessageRow) -> bool:
    """Tell whether it speaks of somebody the message went to.

    Knowing the id of a mail is not enough to have it marked as failed for anybody else.
    """
    went_to = _recipients(failed)
    named = {normalise_email(one.address) for one in report.recipients if one.address}
    return not named or len(went_to) == 1 or bool(named & went_to.keys())


def _recipients(row: MessageRow) -> dict[str, str]:
    """Return whom a message went to, by normalised address."""
    everybody = (*row.to, *row.cc, *row.bcc)
    return {normalise_email(one.address): one.address for one in everybody if one.address}


def _move(tx: Tx, bounce: MessageRow, failed: MessageRow) -> set[int]:
    """Show the report where the message is, if nobody has done anything with it yet."""
    source, target = bounce.conversation_id, failed.conversation_id
    if source == target or arrivals.facts(tx, [source])[source].touched:
        return set()
    if any(one.kind not in _REPORTS for one in messages.of_conversation(tx.conn, source)):
        return set()
    # Anybody can write a report: it makes nobody a participant who may join later (rule C2).
    arrivals.shut_threads(tx, source)
    arrivals.join(tx, {source: target})
    return {target}


def _fail(tx: Tx, failed: MessageRow, permanent: Sequence[FailedRecipient]) -> None:
    went_to = _recipients(failed)
    only = next(iter(went_to)) if len(went_to) == 1 else ""
    reported = {}
    for one in permanent:
        # A forwarded mail comes back in the name of where it was forwarded to.
        address = normalise_email(one.address) if one.address else ""
        meant = address if address in went_to else only
        if meant:
            reported[meant] = one
    known = _refused(failed.delivery_detail)
    news = {address: one for address, one in reported.items() if address not in known}
    for address, one in news.items():
        known[address] = {
            "address": went_to[address], "code": one.status, "text": one.words,
        }  # fmt: skip
        suppression.suppress(tx, address, words=f"{one.status} {one.words}".strip())
    if not news:
        return
    detail = {**failed.delivery_detail, "refused": list(known.values())}
    nobody_has_it = went_to.keys() <= known.keys()
    state = Delivery.RETURNED if nobody_has_it else failed.delivery or Delivery.SENT
    messages.set_delivery(tx, failed.id, state, detail=detail)
    _tell(tx, failed, news)


def _refused(detail: Mapping[str, object]) -> dict[str, object]:
    entries = detail.get("refused")
    if not isinstance(entries, list):
        return {}
    return {
        normalise_email(str(one.get("address", ""))): one
        for one in entries
        if isinstance(one, dict)
    }


def _tell(tx: Tx, failed: MessageRow, news: Mapping[str, FailedRecipient]) -> None:
    uid = arrivals.uids(tx.conn, [failed.conversation_id])[failed.conversation_id]
    events.record(
        tx,
        RETURNED,
        [
            FieldChange("message", failed.uid, f"returned:{address}", None, one.words)
            for address, one in news.items()
        ],
        conversation=uid,
        group_uid=new_uid(tx.now),
        actor="system",
    )


# Reports that come before what they are about: the first sync reads the newest mail first


def _remember(tx: Tx, bounce_id: int, names: Iterable[str]) -> None:
    thread = threads.of_message(tx.conn, bounce_id)
    if thread is not None:
        threads.add_claims(tx, [(name, thread, REPORTED) for name in names])


def _catch_up(tx: Tx, mailbox: Mailbox, sent: Sequence[Mail]) -> set[int]:
    names = {mail.letter.message_id for mail in sent} - {""}
    if not names:
        return set()
    waiting = {thread for _, thread, by in threads.claims(tx.conn, names) if by == REPORTED}
    touched: set[int] = set()
    for message_id, packed in threads.reports_in(tx.conn, waiting):
        touched |= _follow(tx, mailbox, message_id, _unpacked(packed), ())
    return touched


def _packed(report: DeliveryReport) -> dict[str, object]:
    return {
        "about": list(report.message_ids),
        "recipients": [
            [one.address, one.status, one.permanent, one.words] for one in report.recipients
        ],
    }


def _unpacked(packed: Mapping[str, object]) -> DeliveryReport:
    about, recipients = packed.get("about"), packed.get("recipients")
    return DeliveryReport(
        message_ids=tuple(about) if isinstance(about, list) else (),
        recipients=tuple(
            FailedRecipient(address=address, status=status, permanent=permanent, words=words)
            for address, status, permanent, words in (
                recipients if isinstance(recipients, list) else ()
            )
        ),
    )
