"""Where a message of a chat goes: into the chat it answers in, one chosen, or one it begins.

Functions of a transaction. A message that begins something goes on in the open conversation that
its chat is in, else it opens one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_inbox.connectors.contract import Capability, ConnectorInfo
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.reachable import TYPED
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import rows
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.services.writing_first import going_on, home_of, named_by
from desktop_inbox.store import chat_ways, chats, conversations, customers
from desktop_inbox.store.chats import ChatRow
from desktop_inbox.store.customers import Owner
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow, IdentityRow
from desktop_inbox.sync.channel_events import tell_channel
from desktop_inbox.sync.chat_places import begin_thread
from desktop_inbox.sync.people import Stranger, owners_of
from desktop_inbox.sync.spoken import key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message of a chat goes."""

    conversation_id: int
    thread_id: int
    chat: ChatRow
    to: Address


def place_of(
    tx: Tx, draft: DraftContent, account: AccountRow, info: ConnectorInfo, *, ref: str
) -> Place:
    """Return where an answer or a new message goes; what is not there yet is begun.

    Raises:
        UserError: "no-address-there"; "cannot-write-first"; "conversation-missing"; of one that
            begins something "no-recipient"; "one-recipient"; "unreachable" (address).
    """
    if draft.conversation_id is None:
        return _begin(tx, draft, account, info, ref=ref)
    (row,) = rows(tx, draft.conversation_id)
    wanted = _wanted(tx, draft, row.customer_id, account, info)
    going = chat_ways.chat_in(
        tx.conn,
        row.id,
        account_id=account.id,
        answers_id=draft.answers_id,
        chat_id=wanted.id if wanted else None,
    )
    if going is not None:
        chat = chats.row(tx.conn, going.chat_id)
        assert chat is not None
        return Place(conversation_id=row.id, thread_id=going.thread_id, chat=chat, to=_to(tx, chat))
    chat = wanted or _customers_chat(tx, row.customer_id, account, info)
    thread_id = begin_thread(
        tx, account.uid, chat.id, conversation_id=row.id, account_id=account.id, name=f"on:{ref}"
    )
    name = f"on:{ref}|{chat.external_id}"  # of this answer, and of a service it can be told by
    tell_channel(tx, row.uid, name=name, kind=account.kind, actor=None)
    return Place(conversation_id=row.id, thread_id=thread_id, chat=chat, to=_to(tx, chat))


def _wanted(
    tx: Tx, draft: DraftContent, customer_id: int | None, account: AccountRow, info: ConnectorInfo
) -> ChatRow | None:
    """Return the chat that somebody chose, by itself or by whom it is with; None: nobody did.

    What was chosen may be gone since: then the conversation goes on as if nothing had been.
    """
    form = draft.form or {}
    if isinstance(chosen := form.get("chat"), int):
        chat = chats.row(tx.conn, chosen)
        return chat if chat is not None and chat.account_id == account.id else None
    if isinstance(chosen := form.get("identity"), int):
        theirs = _reached(tx, customer_id, account, info)
        if any(one.id == chosen for one in theirs):
            return _chat_with(tx, [chosen], account, info, opens=str(form.get("opens") or ""))
    return None


def _reached(
    tx: Tx, customer_id: int | None, account: AccountRow, info: ConnectorInfo
) -> list[IdentityRow]:
    return chat_ways.identities(tx.conn, customer_id, kind=info.identity, scopes=("", account.uid))


def _customers_chat(
    tx: Tx, customer_id: int | None, account: AccountRow, info: ConnectorInfo
) -> ChatRow:
    """Return the chat in which a customer is reached through an account, begun if need be."""
    reached = _reached(tx, customer_id, account, info)
    if not reached:
        raise UserError("no-address-there")
    return _chat_with(tx, [one.id for one in reached], account, info)


def _chat_with(
    tx: Tx,
    identity_ids: Sequence[int],
    account: AccountRow,
    info: ConnectorInfo,
    *,
    opens: str = "",
) -> ChatRow:
    """Return the latest chat with any of these, else one that is begun with the first.

    `opens` names the one that is wanted, where it is not just any.
    """
    known = chats.with_identities(tx.conn, account.id, identity_ids)
    wanted = [chat for chat in known if not opens or chat.external_id == opens]
    if wanted:
        return wanted[-1]
    if Capability.OPEN_CHAT not in info.capabilities:
        raise UserError("cannot-write-first")
    names = _names(tx, identity_ids[0], account, info)
    if opens and opens not in names and known:
        return known[-1]  # that service was given up since
    return _new_chat(tx, account, identity_ids[0], names, opens)


def _names(tx: Tx, identity_id: int, account: AccountRow, info: ConnectorInfo) -> Sequence[str]:
    """Return what chats with somebody would be called; none where the service names them later."""
    if info.chats_with is None:
        return ()
    address = chat_ways.reached_as(tx.conn, identity_id).address
    names = info.chats_with(account.address, account.settings, address)
    if not names:
        raise UserError("no-address-there")
    return names


def _new_chat(
    tx: Tx, account: AccountRow, identity_id: int, names: Sequence[str], opens: str
) -> ChatRow:
    name = opens if opens in names else next(iter(names), "")
    heard_of = chats.by_names(tx.conn, account.id, [name]).get(name) if name else None
    if heard_of is not None:
        return heard_of
    made = chats.row(tx.conn, chats.create(tx, account.id, name, identity_id=identity_id))
    assert made is not None
    return made


# What begins something


def _begin(
    tx: Tx, draft: DraftContent, account: AccountRow, info: ConnectorInfo, *, ref: str
) -> Place:
    """Begin a conversation with whom the draft is to, or go on in the open one of that chat."""
    owner = _whom(tx, draft, account, info)
    chat = _chosen_with(tx, draft, account, owner) or _chat_with(
        tx,
        [owner.identity_id],
        account,
        info,
        opens=str((draft.form or {}).get("opens") or ""),
    )
    if going := going_on(tx.conn, [chat.id]).get(chat.id):
        return Place(
            conversation_id=going.conversation_id,
            thread_id=going.thread_id,
            chat=chat,
            to=_to(tx, chat),
        )
    uid = new_uid(tx.now)
    new = conversations.NewConversation(
        uid=uid,
        subject=draft.subject,
        created_at=tx.now,
        customer_id=owner.customer_id,
        status=Status.OPEN,
    )
    conversation_id = conversations.create(tx, [new])[uid]
    thread_id = begin_thread(
        tx,
        account.uid,
        chat.id,
        conversation_id=conversation_id,
        account_id=account.id,
        name=f"on:{ref}",
    )
    return Place(conversation_id=conversation_id, thread_id=thread_id, chat=chat, to=_to(tx, chat))


def _chosen_with(tx: Tx, draft: DraftContent, account: AccountRow, owner: Owner) -> ChatRow | None:
    """Return the chat that was chosen, if it is with whom the draft is to."""
    chosen = (draft.form or {}).get("chat")
    known = chats.with_identities(tx.conn, account.id, [owner.identity_id])
    return next((chat for chat in known if chat.id == chosen), None)


def _whom(tx: Tx, draft: DraftContent, account: AccountRow, info: ConnectorInfo) -> Owner:
    """Return the one person a draft is to, made known if they were typed."""
    people = (*draft.to, *draft.cc, *draft.bcc)
    if not people:
        raise UserError("no-recipient")
    if len(people) > 1:
        raise UserError("one-recipient")
    person = people[0]
    address = named_by(info.identity, person.address, region=home_of(account))
    keys = [
        key_of(info.identity, address or person.address, scope=scope) for scope in ("", account.uid)
    ]
    known = customers.owners(tx.conn, keys)
    if found := next((known[key] for key in keys if key in known), None):
        return found
    if not address:
        code = "unreachable" if info.identity in TYPED else "cannot-write-first"
        raise UserError(code, address=person.address)
    stranger = Stranger(name=person.name.strip(), label=address, seen_at=tx.now)
    return owners_of(tx, {keys[0]: stranger})[keys[0]]


def _to(tx: Tx, chat: ChatRow) -> Address:
    if chat.identity_id is None:
        return Address(name=chat.title, address=chat.external_id)
    return chat_ways.reached_as(tx.conn, chat.identity_id)
