"""Canned responses and customers: what people keep and change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import canned, customers
from desktop_inbox.services import conversations as actions
from desktop_inbox.store import canned as stored
from desktop_inbox.store import customers as stored_customers
from desktop_inbox.store.database import Tx
from tests.support.engine_room import Room
from tests.support.post import Post

BODY = "Hello {{contact.first_name|there}}, about {{conversation.subject}}: {{order.number}}"


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(post.mail("a@x", sender="Ayşe Demir <ayse@example.org>"))
    return post


def _add(post: Post, shortcut: str = "Hello") -> int:
    return post.room.write(
        lambda tx: canned.add(tx, title="Greeting", shortcut=shortcut, body=BODY)
    )


def test_a_response_is_filled_in_for_a_conversation_and_counted(post: Post) -> None:
    key = _add(post)
    conversation_id = post.only().id
    filled = post.room.write(lambda tx: canned.render_for(tx, key, conversation_id))
    assert filled.text == "Hello Ayşe, about A question: {{order.number}}"
    assert filled.missing == ("order.number",)
    (row,) = post.room.read(stored.list_all)
    assert (row.shortcut, row.uses) == ("hello", 1)


def test_without_a_conversation_fall_backs_are_used(post: Post) -> None:
    key = _add(post)
    filled = post.room.write(lambda tx: canned.render_for(tx, key, None))
    assert filled.text.startswith("Hello there, about {{conversation.subject}}")


def test_changes_and_removal_are_undone(post: Post) -> None:
    key = _add(post)
    before = post.room.read(stored.list_all)
    post.room.write(lambda tx: canned.edit(tx, key, title="Welcome", body="Hi"))
    assert post.room.read(stored.list_all)[0].title == "Welcome"
    post.room.write(actions.undo)
    assert post.room.read(stored.list_all) == before
    post.room.write(lambda tx: canned.remove(tx, key))
    assert post.room.read(stored.list_all) == []
    post.room.write(actions.undo)
    assert post.room.read(stored.list_all) == before


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (lambda tx: canned.add(tx, title="", shortcut="HELLO", body="x"), "shortcut-exists"),
        (lambda tx: canned.add(tx, title="", shortcut="two words", body="x"), "shortcut-invalid"),
        (lambda tx: canned.add(tx, title="", shortcut="empty", body=" "), "canned-empty"),
        (lambda tx: canned.edit(tx, 99, title="x"), "canned-missing"),
        (lambda tx: canned.render_for(tx, 1, 99), "conversation-missing"),
        (lambda tx: customers.edit(tx, 99, name="x"), "customer-missing"),
    ],
)
def test_what_cannot_be_is_refused(post: Post, deed: Callable[[Tx], object], code: str) -> None:
    _add(post)
    with pytest.raises(UserError, match=code):
        post.room.write(deed)


def test_a_customer_is_edited_and_the_edit_undone(post: Post) -> None:
    key = post.only().customer_id
    assert key is not None
    post.room.write(lambda tx: customers.edit(tx, key, name=" Ayşe D. ", company="Ibrik Ltd"))
    row = post.room.read(lambda conn: stored_customers.row(conn, key))
    assert row is not None
    assert (row.name, row.company) == ("Ayşe D.", "Ibrik Ltd")
    assert post.only().customer_name == "Ayşe D."
    post.room.write(actions.undo)
    assert post.only().customer_name == "Ayşe Demir"
