"""The files of a draft as the files of the message it became. A function of a transaction."""

from __future__ import annotations

from desktop_inbox.domain.uid import found_uid
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import messages
from desktop_inbox.store.database import Tx


def insert_files(tx: Tx, draft: DraftContent, message: messages.NewMessage) -> None:
    """Let a message that is about to leave have its draft's files, pictures in its text as such."""
    messages.insert_attachments(
        tx,
        [
            messages.NewAttachment(
                uid=found_uid(tx.workspace_uid, "attachment", message.uid, str(number)),
                message_id=message.id,
                name=str(file["name"]),
                safe_name=str(file.get("safe_name", file["name"])),
                media_type=str(file["media_type"]),
                size=int(str(file["size"])),
                state="file",
                sha256=str(file["sha256"]),
                content_id=str(file.get("content_id", "")),
                inline=bool(file.get("content_id")),
            )
            for number, file in enumerate(draft.attachments)
        ],
    )
