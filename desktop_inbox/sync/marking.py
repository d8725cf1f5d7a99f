"""How a message of ours is marked, so that its answer finds back (rules C1a, C1b, C1e).

Functions of a transaction; every message that is queued, by a person or by itself, goes through.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop_inbox.domain import tokens
from desktop_inbox.domain.customers import domain_of
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import agents
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.mailbox import Linking

_NO_DOMAIN = "localhost.localdomain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What stands in the header of one message."""

    message_id: str
    reply_to: tuple[Address, ...]  # empty: answers go to From
    subject: str


def marks(tx: Tx, account: AccountRow, *, conversation: str, subject: str) -> Marks:
    """Return the marks of a new message in a conversation, which is named by its uid."""
    key = agents.mail_key(tx.conn)
    linking = Linking.of(account.settings)
    reply_to: tuple[Address, ...] = ()
    if linking.reply_token and (
        marked := tokens.reply_address(key, account.address, conversation=conversation)
    ):
        reply_to = (Address(name=str(account.settings.get("name", "")), address=marked),)
    if linking.subject_token:
        plain = tokens.without_subject_token(subject)
        subject = f"{plain} {tokens.subject_token(key, conversation=conversation)}".lstrip()
    return Marks(
        message_id=tokens.message_id(
            key,
            conversation=conversation,
            attempt=new_uid(tx.now),
            domain=domain_of(account.address) or _NO_DOMAIN,
        ),
        reply_to=reply_to,
        subject=subject,
    )
