"""Files of chats: shown at once as what still lies with the service, fetched by a job of its own.

Runs on the store's writer thread, as part of the one transaction of ingest.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_inbox.domain.uid import found_uid
from desktop_inbox.mime import names
from desktop_inbox.store import chat_messages, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.sync.mailbox import Mailbox
from desktop_inbox.sync.spoken import Spoken


def insert(tx: Tx, mailbox: Mailbox, spoken: Sequence[Spoken]) -> None:
    """Store the files of new messages, and have them fetched."""
    new: list[messages.NewAttachment] = []
    references: dict[str, str] = {}
    for one in spoken:
        for number, file in enumerate(one.files):
            uid = found_uid(
                tx.workspace_uid, "attachment", mailbox.uid, one.external_id, str(number)
            )
            safe = names.safe(file.name, media_type=file.media_type)
            new.append(
                messages.NewAttachment(
                    uid=uid,
                    message_id=one.id,
                    name=names.shown(file.name) or safe,
                    safe_name=safe,
                    media_type=file.media_type.lower(),
                    size=max(file.size, 0),
                    state="server",
                    inline=file.inline,
                )
            )
            references[uid] = file.reference
    messages.insert_attachments(tx, new)
    chat_messages.add_remote_files(tx, mailbox.id, references, next_at=tx.now)
