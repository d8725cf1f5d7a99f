"""What a conversation's history says of the channels it goes on in. Functions of a transaction."""

from __future__ import annotations

from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.store import events
from desktop_inbox.store.database import Tx

CHANNEL = "conversation.channel"  # it goes on in one more channel


def tell_channel(tx: Tx, uid: str, *, name: str, kind: str, actor: str | None) -> None:
    """Write into a conversation's history that it goes on in one more channel, too."""
    events.record(
        tx,
        CHANNEL,
        [FieldChange("conversation", uid, f"channel:{name}", None, kind)],
        conversation=uid,
        group_uid=new_uid(tx.now),
        actor=actor,
    )
