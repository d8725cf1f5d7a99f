"""What goes over the wire for a queued message, as it was fixed when it was queued (rule C6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desktop_inbox.domain.messages import MessageClass, Outgoing, OutgoingFile
from desktop_inbox.store.files import Files
from desktop_inbox.store.rows import AttachmentRow, DraftRow, MessageRow


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to go out, or why it cannot."""

    message: Outgoing | None
    problem: str = ""
    detail: str = ""


def prepare(
    row: MessageRow | None, files: Files, *, only: tuple[str, ...] | None = None
) -> Prepared:
    """Return the message with its files, or what is missing; `only` as in `Outgoing`."""
    if row is None:
        return Prepared(None, "gone")
    for file in row.attachments:
        if file.state != "file" or not files.has(file.sha256):
            return Prepared(None, "attachment-missing", file.name)
    attachments = tuple(_file(file, files) for file in row.attachments)
    return Prepared(replace(without_files(row), attachments=attachments, only=only))


def without_files(row: MessageRow) -> Outgoing:
    """Return what is to be recognised when it is looked for: all but the files."""
    return Outgoing(
        client_ref=row.client_ref,
        at=row.at,
        from_=row.from_[0],
        to=row.to,
        cc=row.cc,
        bcc=row.bcc,
        reply_to=row.reply_to,
        automatic=row.kind is MessageClass.AUTO_REPLY,
        subject=row.subject,
        text=row.text,
        html=row.html,
        in_reply_to=row.in_reply_to,
        references=row.references,
    )


def _file(row: AttachmentRow, files: Files) -> OutgoingFile:
    return OutgoingFile(
        name=row.name,
        media_type=row.media_type,
        path=files.path(row.sha256),
        size=row.size,
        content_id=row.content_id,
        inline=row.inline,
    )


def files_of_draft(row: DraftRow, files: Files) -> tuple[OutgoingFile, ...]:
    """Return the files a draft has, of those that are still there."""
    return tuple(
        OutgoingFile(
            name=str(file["name"]),
            media_type=str(file["media_type"]),
            path=files.path(str(file["sha256"])),
            size=int(str(file["size"])),
            content_id=str(file.get("content_id", "")),
            inline=bool(file.get("content_id")),
        )
        for file in row.attachments
        if files.has(str(file["sha256"]))
    )
