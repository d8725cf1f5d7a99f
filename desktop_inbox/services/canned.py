"""Canned responses: kept, found by their shortcut, filled in for a conversation (rules F).

Functions of a transaction, but for `preview` and what reads, which take a connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from desktop_inbox.domain import language, macros
from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.macros import Step
from desktop_inbox.domain.templates import Rendered, names, render
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.canned_values import reader_language, values_for
from desktop_inbox.services.changing import Group
from desktop_inbox.services.conversations import new_tag
from desktop_inbox.store import canned, tags
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import CannedRow

LONGEST_SHORTCUT = 40
_SHORTCUT = re.compile(r"[a-z0-9_-]{1,40}\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?\Z")
STATUSES = ("", Status.OPEN.value, Status.CLOSED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a person writes of a canned response (rule F3)."""

    shortcut: str
    title: str = ""  # '': the shortcut
    body: str
    bodies: tuple[tuple[str, str], ...] = ()  # (language, text) for who reads another language
    folder: str = ""
    files: tuple[dict[str, object], ...] = ()  # as a draft keeps them
    channels: tuple[str, ...] = ()  # kinds it is for; () for every one
    tag: str = ""  # given to a conversation where it is used
    status: str = ""  # what sending it makes of the conversation: '', "open" or "closed"
    steps: tuple[Step, ...] = ()  # what else sending it does; without a text, using it


def content_of(row: CannedRow) -> Content:
    """Return what a person wrote of a response."""
    return Content(
        shortcut=row.shortcut,
        title=row.title,
        body=row.body,
        bodies=row.bodies,
        folder=row.folder,
        files=row.files,
        channels=row.channels,
        tag=row.tag,
        status=row.status,
        steps=row.steps,
    )


def add(tx: Tx, *, title: str, shortcut: str, body: str) -> int:
    """Keep a new canned response of only a text and return its id; *raises* as `create`."""
    return create(tx, Content(title=title, shortcut=shortcut, body=body))


def create(tx: Tx, content: Content, *, group: Group | None = None) -> int:
    """Keep a new canned response, as part of `group` where one is given, and return its id.

    Raises:
        UserError: "shortcut-invalid"; "shortcut-exists"; "canned-empty"; "language-invalid";
            "canned-status".
    """
    wanted = checked(tx.conn, content)
    group = group or Group(tx)
    uid = new_uid(tx.now)
    blank = Content(shortcut="", body="")
    changes = _changes(tx, group, uid, blank, wanted)
    group.record("canned.new", [*changes, FieldChange("canned", uid, "deleted", True, False)])
    row = canned.by_shortcut(tx.conn, wanted.shortcut)
    assert row is not None
    return row.id


def change(tx: Tx, canned_id: int, content: Content, *, group: Group | None = None) -> str | None:
    """Let a response hold `content`; return the group to undo it by, None where it already does.

    Raises:
        UserError: "canned-missing"; otherwise as `create`.
    """
    row = _known(tx.conn, canned_id)
    wanted = checked(tx.conn, content, known=row)
    group = group or Group(tx)
    group.record("canned.edit", _changes(tx, group, row.uid, content_of(row), wanted))
    return group.uid


def remove(tx: Tx, canned_id: int) -> str | None:
    """Take a canned response away; return the group to undo it by.

    Raises:
        UserError: "canned-missing".
    """
    row = _known(tx.conn, canned_id)
    group = Group(tx)
    group.record("canned.remove", [FieldChange("canned", row.uid, "deleted", False, True)])
    return group.uid


def render_for(
    tx: Tx,
    canned_id: int,
    conversation_id: int | None,
    *,
    given: Mapping[str, str] | None = None,
) -> Rendered:
    """Fill a canned response in for a conversation (rule F2); what has no value stays visible.

    `given` are values that a person entered. Counts the use, which ranks it higher.

    Raises:
        UserError: "canned-missing"; "conversation-missing".
    """
    rendered = preview(tx.conn, canned_id, conversation_id, now=tx.now, given=given)
    canned.used(tx, canned_id)
    return rendered


def preview(
    conn: Any,
    canned_id: int,
    conversation_id: int | None,
    *,
    now: datetime,
    given: Mapping[str, str] | None = None,
) -> Rendered:
    """Fill a canned response in as `render_for` does, for looking only; takes a connection.

    Raises:
        UserError: "canned-missing"; "conversation-missing".
    """
    content = content_of(_known(conn, canned_id))
    return preview_of(conn, content, conversation_id, now=now, given=given)


def preview_of(
    conn: Any,
    content: Content,
    conversation_id: int | None,
    *,
    now: datetime,
    given: Mapping[str, str] | None = None,
) -> Rendered:
    """Fill in what may not be kept yet, in the language that the customer reads.

    Raises:
        UserError: "conversation-missing".
    """
    reads = reader_language(conn, conversation_id)
    body = dict(content.bodies).get(
        language.choose(reads, (one for one, _ in content.bodies)), content.body
    )
    values = values_for(conn, conversation_id, wanted=names(body), reads=reads, now=now)
    return render(body, {**values, **(given or {})})


def checked(conn: Any, content: Content, *, known: CannedRow | None = None) -> Content:
    """Return `content` as it would be kept, of a new response or of one that is `known`.

    Raises:
        UserError: "shortcut-invalid"; "shortcut-exists"; "canned-empty"; "language-invalid";
            "canned-status"; "macro-step"; "macro-long".
    """
    shortcut = content.shortcut.strip().lower()
    if not _SHORTCUT.match(shortcut):
        raise UserError("shortcut-invalid", shortcut=content.shortcut)
    other = canned.by_shortcut(conn, shortcut)
    if other is not None and (known is None or other.id != known.id):
        raise UserError("shortcut-exists", shortcut=shortcut)
    if not content.body.strip() and not content.steps:
        raise UserError("canned-empty")
    steps = macros.read(step.record for step in content.steps)
    if content.status not in STATUSES:
        raise UserError("canned-status", status=content.status)
    bodies = {one.strip().lower(): body for one, body in content.bodies if body.strip()}
    for one in bodies:
        if not _LANGUAGE.match(one):
            raise UserError("language-invalid", language=one)
    return replace(
        content,
        shortcut=shortcut,
        title=content.title.strip() or shortcut,
        bodies=tuple(sorted(bodies.items())),
        folder=" ".join(content.folder.split()),
        channels=tuple(sorted(set(content.channels))),
        tag=" ".join(content.tag.split()),
        steps=steps,
    )


def free_shortcut(conn: Any, like: str) -> str:
    """Return a shortcut nobody uses: `like` itself, or with a number behind it."""
    taken = {row.shortcut for row in canned.list_all(conn)}
    number, free = 1, like
    while free in taken:
        number += 1
        ending = f"-{number}"
        free = like[: LONGEST_SHORTCUT - len(ending)] + ending
    return free


def _changes(tx: Tx, group: Group, uid: str, before: Content, after: Content) -> list[FieldChange]:
    """Return the fields in which two contents differ; a text in one language is one of them."""
    found = [
        FieldChange("canned", uid, name, _json(getattr(before, name)), _json(getattr(after, name)))
        for name in ("title", "shortcut", "body", "folder", "files", "channels", "status")
    ]
    if after.steps != before.steps:
        kept, wanted = ([step.record for step in one.steps] for one in (before, after))
        found.append(FieldChange("canned", uid, "steps", kept or None, wanted or None))
    old, new = dict(before.bodies), dict(after.bodies)
    found += [
        FieldChange("canned", uid, f"body:{one}", old.get(one), new.get(one))
        for one in sorted(old.keys() | new.keys())
    ]
    if after.tag != before.tag:
        given, taken = (_tag_uid(tx, group, name) for name in (after.tag, before.tag))
        found.append(FieldChange("canned", uid, "tag", taken, given))
    return found


def _json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _tag_uid(tx: Tx, group: Group, name: str) -> str:
    if not name:
        return ""
    known = tags.by_name(tx.conn, name)
    return known.uid if known else new_tag(tx, group, name)


def _known(conn: Any, canned_id: int) -> CannedRow:
    row = canned.row(conn, canned_id)
    if row is None:
        raise UserError("canned-missing", id=canned_id)
    return row
