"""What the server says of a message before it is read, and the mail it becomes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from desktop_inbox.connectors.contract import Location, RawMail
from desktop_inbox.connectors.email.cursor import FolderState
from desktop_inbox.connectors.email.folders import MailFolder
from desktop_inbox.connectors.email.wire import Value, internal_date, number
from desktop_inbox.domain.messages import AttachmentPart

_META = b"UID FLAGS INTERNALDATE RFC822.SIZE"
_GMAIL_THREAD = b"X-GM-THRID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What is known of a message before it is read."""

    uid: int
    size: int
    seen: bool
    flagged: bool
    deleted: bool
    received_at: datetime
    thread: str = ""  # what Gmail calls its thread (rule C1g)


def meta_items(*, gmail: bool, header: bool = False) -> bytes:
    """Return what to ask for to know a message, with its header where that is wanted."""
    items = _META + b" " + _GMAIL_THREAD if gmail else _META
    return b"(%s BODY.PEEK[HEADER])" % items if header else b"(%s)" % items


def read_meta(items: dict[bytes, Value]) -> Meta:
    """Read one FETCH response. *Raises:* KeyError, ValueError."""
    flags = _flags(items.get(b"FLAGS"))
    size = items.get(b"RFC822.SIZE")
    thread = items.get(_GMAIL_THREAD)
    return Meta(
        uid=number(items[b"UID"]),
        size=int(size) if isinstance(size, bytes) and size.isdigit() else 0,
        seen=b"\\seen" in flags,
        flagged=b"\\flagged" in flags,
        deleted=b"\\deleted" in flags,
        received_at=internal_date(items.get(b"INTERNALDATE")) or datetime.now(UTC),
        thread=thread.decode("ascii") if isinstance(thread, bytes) and thread.isdigit() else "",
    )


def _flags(value: Value | None) -> set[bytes]:
    if not isinstance(value, list):
        return set()
    return {one.lower() for one in value if isinstance(one, bytes)}


def mail_of(
    folder: MailFolder,
    state: FolderState,
    meta: Meta,
    *,
    raw: bytes,
    complete: bool = True,
    remote: tuple[AttachmentPart, ...] = (),
) -> RawMail:
    """Return a message as it is handed over."""
    return RawMail(
        location=Location(folder=folder.name, uidvalidity=state.uidvalidity, uid=meta.uid),
        role=folder.role,
        received_at=meta.received_at,
        size=meta.size or len(raw),
        seen=meta.seen,
        flagged=meta.flagged,
        deleted=meta.deleted,
        raw=raw,
        complete=complete,
        remote_parts=remote,
        thread=meta.thread,
    )
