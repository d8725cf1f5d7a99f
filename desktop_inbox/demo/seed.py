"""What the shop's people did before we look in: accounts, customers, tags, responses, drafts.

Functions of a transaction over the services, as if it had been done by hand.
"""

from __future__ import annotations

from desktop_inbox.demo.chats import Chats
from desktop_inbox.demo.shop import Shop, Talk
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services import canned, customer_import, drafts, replies
from desktop_inbox.services import conversations as actions
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts, conversations, events, known_messages, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import MessageRow


def furnish(tx: Tx, shop: Shop, chats: Chats) -> None:
    """Put up what needs no mail: the canned responses, and the list of customers (rule E7)."""
    for response in shop.seed.canned:
        canned.add(
            tx, title=response["title"], shortcut=response["shortcut"], body=response["body"]
        )
    customer_import.carry_out(tx, customer_import.plan(tx.conn, chats.customers))


def open_accounts(tx: Tx, shop: Shop, chats: Chats) -> dict[str, int]:
    """Set the messaging channels up and return the accounts by their kind."""
    return {
        one.kind: accounts.create(
            tx,
            kind=one.kind,
            title=one.title,
            address=one.address,
            settings={"name": shop.seed.name, **one.settings},
        )
        for one in chats.accounts
    }


def settle(tx: Tx, shop: Shop, *, account_id: int) -> None:
    """Do to the conversations what the shop's people did; the mail must be here."""
    _colour(tx, shop)
    for talk in shop.talks:
        first = [letter.message_id for letter in talk.letters]
        known = known_messages.by_external_ids(tx.conn, account_id, first)
        if known:
            found = messages.row(tx.conn, next(iter(known.values())).id)
            if found is not None:
                _settle(tx, talk, found)


def _colour(tx: Tx, shop: Shop) -> None:
    """Give the shop's tags their colours; the service picks one by the name."""
    for name, hue in shop.seed.tags.items():
        uid = new_uid(tx.now)
        made = [("name", None, name), ("hue", None, hue), ("deleted", True, False)]
        changes = [FieldChange("tag", uid, field, before, after) for field, before, after in made]
        events.record(tx, "tag.new", changes)


def _settle(tx: Tx, talk: Talk, found: MessageRow) -> None:
    key = found.conversation_id
    for name in talk.tags:
        actions.tag(tx, key, name)
    if talk.mine:
        actions.assign_to_me(tx, key)
    if talk.priority != Priority.NORMAL:
        actions.set_priority(tx, key, Priority(talk.priority))
    if talk.note:
        replies.add_note(tx, key, talk.note)
    if talk.draft:
        _begin_draft(tx, talk, key)
    if talk.snooze is not None:
        actions.snooze(tx, key, until=tx.now + talk.snooze)
    elif talk.status != Status.OPEN:
        actions.set_status(tx, key, Status(talk.status))


def _begin_draft(tx: Tx, talk: Talk, conversation_id: int) -> None:
    row = conversations.row(tx.conn, conversation_id)
    said = messages.of_conversation(tx.conn, conversation_id)
    assert row is not None
    drafts.save(
        tx,
        DraftContent(
            conversation_id=conversation_id,
            account_id=row.account_id,
            answers_id=said[-1].id,
            to=said[-1].from_,
            subject=f"Re: {talk.subject}",
            body=talk.draft,
            caret=len(talk.draft),
        ),
    )
