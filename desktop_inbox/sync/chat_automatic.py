"""The one automatic answer of a messaging channel, within the caps of all that is automatic (D3).

Runs on the store's writer thread, as part of the one transaction of ingest; whatever else leaves
a chat by itself goes through `queue` too.
"""

from __future__ import annotations

from collections.abc import Iterable

from desktop_inbox.connectors.chat import Incoming
from desktop_inbox.domain.messages import Address, Delivery, MessageClass
from desktop_inbox.domain.uid import found_uid, new_uid
from desktop_inbox.store import accounts, arrivals, messages, threads
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow, MessageRow
from desktop_inbox.sync import automatic
from desktop_inbox.sync.mailbox import AutoAnswer, Mailbox
from desktop_inbox.sync.spoken import Spoken, in_milliseconds


def answer(tx: Tx, mailbox: Mailbox, spoken: Iterable[Spoken]) -> set[int]:
    """Queue the account's automatic answer to messages that call for one; return what it touched.

    One a chat: whoever writes three lines in a row is answered once.
    """
    wanted = mailbox.auto_answer
    if wanted is None or not wanted.holds(tx.now):
        return set()
    account = accounts.row(tx.conn, mailbox.id)
    latest = {one.thread: one for one in spoken if _calls_for_answer(tx, one)}
    touched = set()
    for one in latest.values():
        row = messages.row(tx.conn, one.id)
        if account is not None and row is not None and _may_get_it(tx, mailbox, wanted, one, row):
            to = Address(name=row.author_name, address=one.whom.address)
            queue(tx, account, row, to=to, counted=_counted(one), text=wanted.text)
            touched.add(row.conversation_id)
    return touched


def _calls_for_answer(tx: Tx, one: Spoken) -> bool:
    alone = isinstance(one.item, Incoming) and not one.from_me and not one.chat.group
    return alone and one.kind is MessageClass.HUMAN and tx.now - one.at <= automatic.MAX_AGE


def _may_get_it(tx: Tx, mailbox: Mailbox, wanted: AutoAnswer, one: Spoken, row: MessageRow) -> bool:
    if not wanted.also_later and arrivals.was_answered(tx.conn, row.conversation_id):
        return False
    why = automatic.refusal(
        tx,
        kind=one.kind,
        address=_counted(one),
        conversation_id=row.conversation_id,
        own=mailbox.own,
    )
    return why is None


def _counted(one: Spoken) -> str:
    return counted_as(one.whom.kind, one.whom.address)


def counted_as(kind: str, address: str) -> str:
    """Return the name under which what an identity got by itself is counted (D3)."""
    return f"{kind}:{address}"


def queue(
    tx: Tx, account: AccountRow, answered: MessageRow, *, to: Address, counted: str, text: str
) -> None:
    """Queue a message that no person wrote in the chat of another, and count it.

    Only after `automatic.refusal` had nothing against it.
    """
    at = in_milliseconds(tx.now)
    (message_id,) = messages.next_ids(tx, [at])
    ref = new_uid(tx.now)
    new = messages.NewMessage(
        id=message_id,
        uid=found_uid(tx.workspace_uid, "message", account.uid, ref),
        conversation_id=answered.conversation_id,
        thread_id=threads.of_message(tx.conn, answered.id),
        account_id=account.id,
        direction=answered.direction.OUT,
        kind=MessageClass.AUTO_REPLY,
        client_ref=ref,
        from_=(Address(name=str(account.settings.get("name", "")), address=account.address),),
        to=(to,),
        at=at,
        snippet=automatic.snippet(text),
        delivery=Delivery.QUEUED,
    )
    automatic.keep(tx, new, answered, text=text, counted=counted)
