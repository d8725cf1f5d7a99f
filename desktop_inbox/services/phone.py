"""Writing down who called or came in, so that it stands with all else that was said.

Functions of a transaction. A note takes the way of every message: the same customer, the same
conversation, found by search, and twice the same is once.
"""

from __future__ import annotations

from dataclasses import replace

from desktop_inbox.connectors.phone.info import INFO
from desktop_inbox.connectors.phone.reading import VISITOR, CallNote, read_note
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.i18n import _
from desktop_inbox.services.changing import rows
from desktop_inbox.store import accounts, chat_messages, chat_ways, chats, customers, messages
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow, MessageRow
from desktop_inbox.sync.channel_events import tell_channel
from desktop_inbox.sync.chat_ingest import store_chat
from desktop_inbox.sync.chat_places import begin_thread
from desktop_inbox.sync.mailbox import mailbox_of
from desktop_inbox.sync.people import new_identity

_LEAST_DIGITS = 3  # of a number, such as 112


def write_down(
    tx: Tx,
    note: CallNote,
    *,
    account_id: int | None = None,
    customer_id: int | None = None,
    conversation_id: int | None = None,
    region: str = "",
) -> MessageRow:
    """Store a call or a visit and return its message.

    `customer_id` says who it was, where the caller is known by other means than the number; then
    the number, if there is one, is theirs from now on unless it is somebody else's already.
    `conversation_id` says what it was about; else it goes on in what the customer has going.
    Without `account_id` it goes to the log there is, which is begun with the first note.

    Raises:
        UserError: "account-missing"; "customer-missing"; "conversation-missing";
            "caller-missing"; "number-unreadable" (value).
    """
    account = _account(tx, account_id)
    _check(note, known=customer_id is not None)
    if not note.name:
        note = replace(note, name=new_uid(tx.now))
    if customer_id is not None:
        note = _named(tx, note, account, customer_id, region=region)
    if conversation_id is not None:
        note = replace(note, apart=True)
        _lay(tx, note, account, conversation_id)
    item = read_note(note, region=region)
    mailbox = mailbox_of(account, accounts.list_all(tx.conn))
    cursor = accounts.cursor(tx.conn, account.id) or {}
    store_chat(tx, mailbox, [item], raw={}, reply_window=None, cursor=cursor)
    known, _ = chat_messages.known(tx.conn, account.id, external_ids=[note.name])
    row = messages.row(tx.conn, known[note.name].id)
    assert row is not None
    return row


def _check(note: CallNote, *, known: bool) -> None:
    """See that a note says who it was; a short number is one too."""
    number = note.number.strip()
    if number and sum(char.isdigit() for char in number) < _LEAST_DIGITS:
        raise UserError("number-unreadable", value=number)
    if not (known or number or note.caller.strip()):
        raise UserError("caller-missing")


def _account(tx: Tx, account_id: int | None) -> AccountRow:
    logs = [row for row in accounts.list_all(tx.conn) if row.kind == INFO.kind]
    if account_id is not None:
        logs = [row for row in logs if row.id == account_id]
        if not logs:
            raise UserError("account-missing", id=account_id)
    if logs:
        return logs[0]
    key = accounts.create(tx, kind=INFO.kind, title=_(INFO.title), address="", settings={})
    row = accounts.row(tx.conn, key)
    assert row is not None
    return row


def _lay(tx: Tx, note: CallNote, account: AccountRow, conversation_id: int) -> None:
    """Have a note lie in a conversation, whoever it is with."""
    (row,) = rows(tx, conversation_id)
    if chats.by_names(tx.conn, account.id, [note.name]):
        return
    fresh = chat_ways.chat_in(tx.conn, row.id, account_id=account.id, answers_id=None) is None
    chat_id = chats.create(tx, account.id, note.name)
    begin_thread(
        tx, account.uid, chat_id, conversation_id=row.id, account_id=account.id, name=note.name
    )
    if fresh:
        tell_channel(tx, row.uid, name=note.name, kind=account.kind, actor=None)


def _named(
    tx: Tx, note: CallNote, account: AccountRow, customer_id: int, *, region: str
) -> CallNote:
    """Let a note be of a customer: by a number of theirs, else by an identity made for it."""
    row = customers.row(tx.conn, customer_id)
    if row is None:
        raise UserError("customer-missing", id=customer_id)
    own = read_note(note, region=region).author
    if own.kind == VISITOR:
        phones = chat_ways.identities(tx.conn, row.id, kind="phone", scopes=("",))
        if phones:
            return replace(note, number=phones[0].address)
        key = IdentityKey(VISITOR, account.uid, row.uid)
        note = replace(note, visitor=row.uid)
    else:
        key = IdentityKey("phone", "", own.address)
    if key not in customers.owners(tx.conn, [key]):
        customers.add_identities(tx, [new_identity(tx, key, own.label or row.name, row.id)])
        customers.index(tx, [row.id])
    return note
