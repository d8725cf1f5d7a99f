"""The JSON shapes of the command line: stable from the first release, only ever added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from desktop_inbox.cli.output import iso
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.pieces import to_json
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.store.rows import (
    AttachmentRow,
    CannedRow,
    CustomerRow,
    DraftRow,
    EventRow,
    MessageRow,
    OutboxRow,
)

Shape = dict[str, object]


def conversation(row: ConversationRow, channels: Sequence[str]) -> Shape:
    """A conversation as the list shows it, with the channels it went by, first used first."""
    return {
        "id": row.id,
        "subject": row.subject,
        "customer": {"id": row.customer_id, "name": row.customer_name},
        "status": row.status.value,
        "priority": row.priority.value,
        "assignee": row.assignee_name or None,
        "tags": [tag.name for tag in row.tags],
        "unread": row.unread,
        "channels": list(channels),
        "last_at": iso(row.last_at),
        "waiting_since": iso(row.waiting_since),
        "snippet": row.snippet,
        "sla": service_level(row, now=utc_now()),
        "snoozed_until": iso(row.snoozed_until),
        "snoozed_until_reply": row.snoozed_until_reply,
        "account": row.account_id,
        "messages": row.message_count,
        "attachments": row.has_attachment,
        "failed": row.failed,
        "draft": row.draft_snippet or None,
    }


def service_level(row: ConversationRow, *, now: datetime) -> Shape:
    """The clock of a conversation that is to be looked at first; all null where there is none."""
    over = row.next_due_at is not None and row.next_due_at < now
    state = "breached" if over and row.due_state == "running" else row.due_state
    return {"clock": row.due_clock, "due_at": iso(row.next_due_at), "state": state}


def message(row: MessageRow, *, html: str) -> Shape:
    """One message of a conversation; `html` as `services.bodies` makes it safe."""
    delivery = None
    if row.delivery is not None:
        delivery = {"state": row.delivery.value, "detail": row.delivery_detail}
    return {
        "id": row.id,
        "direction": row.direction.value,
        "author": row.author_name,
        "from": people(row.from_),
        "to": people(row.to),
        "cc": people(row.cc),
        "bcc": people(row.bcc),
        "at": iso(row.at),
        "subject": row.subject,
        "channel": row.channel or None,
        "account": row.account_id,
        "external_id": row.external_id or None,
        "message_id": row.client_ref or row.external_id or None,
        "in_reply_to": row.in_reply_to or None,
        "references": list(row.references),
        "text": row.text,
        "visible_text": row.visible_text,
        "html": html,
        "attachments": [attachment(file) for file in row.attachments],
        "delivery": delivery,
        "class": row.kind.value if row.direction is Direction.IN else None,
        "automatic": row.direction is Direction.OUT and row.kind is MessageClass.AUTO_REPLY,
        "delivered_to": list(row.delivered_to),
        "report": row.report or None,
        "seen": row.seen,
        "complete": row.complete,
        "unreadable": row.unreadable or None,
        "warnings": list(row.warnings),
        "raw_sha256": row.raw_sha256 or None,
        "not_before": iso(row.not_before),
        "pieces": to_json(row.pieces),
        "reactions": [
            {"name": one.name or None, "ours": one.ours, "emojis": list(one.emojis)}
            for one in row.reactions
        ],
        "edited_at": iso(row.edited_at),
        "withdrawn_at": iso(row.withdrawn_at),
        "repeats": row.repeats,
    }


def attachment(row: AttachmentRow) -> Shape:
    """A file of a message. `state` says whether its bytes are here."""
    return {
        "id": row.id,
        "name": row.name,
        "safe_name": row.safe_name,
        "type": row.media_type,
        "size": row.size,
        "sha256": row.sha256 or None,
        "content_id": row.content_id or None,
        "inline": row.inline,
        "state": row.state,
        "problem": row.problem or None,
    }


def event(row: EventRow) -> Shape:
    """One line of what we did to a conversation."""
    return {
        "uid": row.uid,
        "at": iso(row.at),
        "actor": row.actor_name,
        "kind": row.kind,
        "changes": [
            {"entity": entity, "uid": uid, "field": field, "before": before, "after": after}
            for entity, uid, field, before, after in row.changes
        ],
        "undone": row.undone,
    }


def customer(row: CustomerRow) -> Shape:
    """A person who writes, with everything they are known by."""
    return {
        "id": row.id,
        "name": row.name,
        "company": row.company,
        "notes": row.notes,
        "first_seen_at": iso(row.first_seen_at),
        "identities": [
            {
                "id": found.id,
                "kind": found.kind,
                "address": found.address,
                "label": found.label,
                "verified": found.verified,
            }
            for found in row.identities
        ],
    }


def canned(row: CannedRow) -> Shape:
    """A canned response."""
    return {
        "id": row.id,
        "shortcode": row.shortcut,
        "title": row.title,
        "body": row.body,
        "bodies": dict(row.bodies),
        "folder": row.folder,
        "channels": list(row.channels),
        "tag": row.tag or None,
        "status": row.status or None,
        "attachments": [dict(file) for file in row.files],
        "uses": row.uses,
        "used_at": iso(row.used_at),
    }


def draft(row: DraftRow) -> Shape:
    """Something being written."""
    return {
        "id": row.id,
        "conversation": row.conversation_id,
        "account": row.account_id,
        "mode": row.mode,
        "to": people(row.to),
        "cc": people(row.cc),
        "bcc": people(row.bcc),
        "subject": row.subject,
        "text": row.body,
        "attachments": [dict(file) for file in row.attachments],
        "updated_at": iso(row.updated_at),
    }


def waiting(row: OutboxRow) -> Shape:
    """A message that has not left yet, or whose fate is unknown."""
    return {
        "message": row.message_id,
        "conversation": row.conversation_id,
        "account": row.account_id,
        "customer": row.customer_name,
        "subject": row.subject,
        "state": row.state,
        "not_before": iso(row.not_before),
        "next_at": iso(row.next_at),
        "attempts": row.attempts,
        "queued_at": iso(row.queued_at),
        "error": {"code": row.error_code, "text": row.error_text} if row.error_code else None,
        "client_ref": row.client_ref,
        "recipients": None if row.recipients is None else list(row.recipients),
        "looked_at": iso(row.looked_at),
    }


def people(addresses: Iterable[Address]) -> list[dict[str, str]]:
    """Names and addresses of a header."""
    return [{"name": person.name, "address": person.address} for person in addresses]
