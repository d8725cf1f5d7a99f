"""Everything a workspace holds as plain records that refer to each other by uid, for an export.

Each kind is read in one go against one snapshot; nothing in them is secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

Record = dict[str, Any]  # JSON values; times are Unix milliseconds

# By file name. Columns that hold JSON are named in `_JSON`; "kind.column" of one that is yes or no
# in `_FLAGS`.
_QUERIES: Mapping[str, str] = {
    "accounts": "SELECT uid, kind, title, address, settings, removed FROM account ORDER BY id",
    "agents": "SELECT uid, name, email, signature FROM agent ORDER BY id",
    "tags": "SELECT uid, name, hue, deleted FROM tag ORDER BY id",
    "views": "SELECT uid, name, condition, position, deleted FROM saved_view ORDER BY id",
    "canned": """
        SELECT uid, title, shortcut, body, bodies, folder, files, channels, tag, status, steps,
            uses, used_at, deleted
        FROM canned_response ORDER BY id
        """,
    "customers": """
        SELECT c.uid, c.name, c.company, c.notes, m.uid AS merged_into, c.first_seen_at
        FROM customer c LEFT JOIN customer m ON m.id = c.merged_into_id ORDER BY c.id
        """,
    "identities": """
        SELECT i.uid, c.uid AS customer, i.kind, i.scope, i.address, i.label
        FROM identity i JOIN customer c ON c.id = coalesce(i.origin_id, i.customer_id)
        ORDER BY i.id
        """,
    "conversations": """
        SELECT v.uid, v.subject, c.uid AS customer, v.status, v.priority, g.uid AS assignee,
            v.snoozed_until, v.snoozed_until_reply, m.uid AS merged_into, v.created_at, v.last_at,
            v.message_count,
            (SELECT json_group_array(t.uid) FROM conversation_tag x JOIN tag t ON t.id = x.tag_id
             WHERE x.conversation_id = v.id) AS tags
        FROM conversation v
        LEFT JOIN customer c ON c.id = coalesce(v.customer_origin_id, v.customer_id)
        LEFT JOIN agent g ON g.id = v.assignee_id
        LEFT JOIN conversation m ON m.id = v.merged_into_id ORDER BY v.id
        """,
    "threads": """
        SELECT t.uid, v.uid AS conversation, a.uid AS account, t.external_id,
            (SELECT json_group_array(json_array(r.message_id, r.named_by))
             FROM thread_reference r WHERE r.thread_id = t.id) AS claims,
            (SELECT json_group_array(p.address)
             FROM thread_participant p WHERE p.thread_id = t.id) AS participants
        FROM thread t JOIN conversation v ON v.id = t.conversation_id
        JOIN account a ON a.id = t.account_id ORDER BY t.id
        """,
    "messages": """
        SELECT m.uid, v.uid AS conversation, t.uid AS thread, a.uid AS account, m.direction,
            m.kind, i.uid AS author, g.uid AS agent, m.external_id, m.client_ref, m.in_reply_to,
            m.refs, m.subject, m.people, m.at, m.received_at, m.snippet, m.seen, m.flagged,
            m.complete, m.unreadable, m.delivery, b.text, b.visible_text, b.html, b.form, b.pieces,
            b.raw_sha256, b.raw_packed,
            (SELECT json_group_array(json_object('uid', f.uid, 'name', f.name, 'safe_name',
                f.safe_name, 'media_type', f.media_type, 'size', f.size, 'state', f.state,
                'section', f.section, 'sha256', f.sha256, 'content_id', f.content_id, 'inline',
                f.inline))
             FROM attachment f WHERE f.message_id = m.id) AS attachments
        FROM message m JOIN conversation v ON v.id = m.origin_id
        LEFT JOIN thread t ON t.id = m.thread_id LEFT JOIN account a ON a.id = m.account_id
        LEFT JOIN identity i ON i.id = m.author_identity_id LEFT JOIN agent g ON g.id = m.agent_id
        LEFT JOIN message_body b ON b.message_id = m.id ORDER BY m.id
        """,
    "drafts": """
        SELECT d.uid, v.uid AS conversation, a.uid AS account, d.mode, m.uid AS answers,
            d.recipients, d.subject, d.body, d.rich, d.sender, d.caret, d.quote, d.attachments,
            d.form, d.updated_at
        FROM draft d LEFT JOIN conversation v ON v.id = d.conversation_id
        LEFT JOIN account a ON a.id = d.account_id LEFT JOIN message m ON m.id = d.answers_id
        ORDER BY d.id
        """,
    "events": """
        SELECT uid, hlc, device, actor, at, kind, group_uid, undo_of, conversation, changes
        FROM event ORDER BY hlc
        """,
}
_JSON = frozenset(
    {"settings", "tags", "claims", "participants", "refs", "people", "attachments", "recipients"}
    | {"pieces", "changes", "bodies", "files", "channels", "condition", "steps", "form"}
)

KINDS = tuple(_QUERIES)


def records(conn: Connection, kind: str) -> Iterator[Record]:
    """Yield every record of one of `KINDS`, oldest first."""
    for row in conn.execute(text(_QUERIES[kind]).execution_options(yield_per=200)).mappings():
        yield {
            name: json.loads(value) if name in _JSON and value is not None else value
            for name, value in row.items()
        }


def workspace_uid(conn: Connection) -> str:
    """Return the name of this workspace, which an export bears."""
    return str(conn.scalar(text("SELECT uid FROM workspace")))
