"""Everything that was done, an action a row, however much it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_inbox.domain.conversations import Priority
from desktop_inbox.services import canned, customers, joining, replies, tagging, undoing
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import activity
from desktop_inbox.store.activity import ActivityQuery, ActivityRow
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui.models.activity import read_names
from desktop_inbox.ui.views import activity_words
from tests.support.engine_room import Room
from tests.support.post import AYSE, BO, Post


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room.open(tmp_path / "data")
    post = Post(room)
    post.bring(
        post.mail("a@x", sender=AYSE, subject="Blue mug?"),
        post.mail("b@x", sender=BO, subject="Returns", minute=5),
    )
    yield room
    room.workspace.close()


def done(room: Room, **query: object) -> list[ActivityRow]:
    wanted = ActivityQuery(**query)  # type: ignore[arg-type]
    ids = room.read(lambda conn: activity.ids(conn, wanted, None))
    rows = room.read(lambda conn: activity.rows(conn, list(ids)))
    return [rows[key] for key in ids]


def told(room: Room, **query: object) -> list[str]:
    names = room.read(read_names)
    return [activity_words.describe(row, names=names, now=utc_now()) for row in done(room, **query)]


def by_subject(room: Room, subject: str) -> int:
    return next(row.id for row in room.conversations() if row.subject == subject)


def test_the_latest_is_first_with_what_it_was_done_to(room: Room) -> None:
    mug, returns = by_subject(room, "Blue mug?"), by_subject(room, "Returns")
    room.write(lambda tx: actions.star(tx, mug))
    room.write(lambda tx: actions.close(tx, [mug, returns]))
    assert told(room) == ["You closed the conversation · 2 conversations", "You gave it a star"]
    latest, first = done(room)
    assert (first.subject, first.customer_name, first.conversations) == ("Blue mug?", "Ayşe", 1)
    assert latest.conversations == 2
    assert activity_words.about(first) == "Ayşe · Blue mug?"


def test_every_kind_of_action_has_its_words(room: Room) -> None:
    mug, returns = by_subject(room, "Blue mug?"), by_subject(room, "Returns")
    person = room.conversations()[0].customer_id
    assert person is not None
    room.write(lambda tx: actions.set_priority(tx, mug, Priority.URGENT))
    room.write(lambda tx: actions.mark_automated(tx, mug))
    room.write(lambda tx: tagging.create(tx, "Wholesale", hue=200))
    room.write(lambda tx: actions.tag(tx, mug, "Wholesale"))
    room.write(lambda tx: replies.add_note(tx, mug, "Look"))
    room.write(lambda tx: customers.edit(tx, person, notes="Pays late"))
    room.write(lambda tx: canned.add(tx, title="Hi", shortcut="hi", body="Hi!"))
    room.write(lambda tx: joining.merge(tx, mug, returns))
    room.write(lambda tx: actions.follow_up(tx, returns, None))
    assert told(room)[::-1] == [
        "You set the priority to urgent",
        "You marked it as written by a machine",
        "You made the tag Wholesale",
        "You added tag Wholesale",
        "You wrote a note",
        "You changed a customer",
        "You made a canned response",
        "You merged the conversation · 2 conversations",
    ]
    (changed,) = done(room, families=("customer.",))
    assert activity_words.about(changed) == changed.customer_name != ""


def test_it_is_narrowed_by_kind_and_by_words(room: Room) -> None:
    mug, returns = by_subject(room, "Blue mug?"), by_subject(room, "Returns")
    room.write(lambda tx: actions.star(tx, mug))
    room.write(lambda tx: actions.tag(tx, returns, "New"))
    assert [row.subject for row in done(room, text="returns")] == ["Returns"]
    assert told(room, families=("tag.",)) == ["You added tag New"]
    assert done(room, text="nothing like it") == []


def test_what_was_taken_back_says_so_and_so_does_what_took_it_back(room: Room) -> None:
    mug = by_subject(room, "Blue mug?")
    closed = room.write(lambda tx: actions.close(tx, mug))
    undone = room.write(lambda tx: undoing.undo(tx, closed))
    undo, done_once = done(room)
    assert (done_once.undone, done_once.takes_back) == (True, False)
    assert (undo.undone, undo.takes_back) == (False, True)
    assert told(room)[0] == "Taken back: You reopened the conversation"
    room.write(lambda tx: undoing.undo(tx, undone))
    again, undo, done_once = done(room)
    assert (again.takes_back, undo.undone, done_once.undone) == (True, True, False)
    refused = room.read(lambda conn: undoing.refusal(conn, undone, now=utc_now()))
    assert refused is not None
    assert refused.code == "undo-done"


def test_reading_is_no_action(room: Room) -> None:
    room.write(lambda tx: actions.mark_read(tx, by_subject(room, "Blue mug?")))
    assert done(room) == []
