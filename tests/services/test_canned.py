"""Canned responses and customers: what people keep and change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import canned, customers
from desktop_inbox.services import conversations as actions
from desktop_inbox.services.canned import Content
from desktop_inbox.store import canned as stored
from desktop_inbox.store import customer_fields, tags
from desktop_inbox.store import customers as stored_customers
from desktop_inbox.store.database import Tx
from tests.support.engine_room import Room
from tests.support.post import Post

BODY = "Hello {{contact.first_name|there}}, about {{conversation.subject}}: {{order.number}}"
PLAIN = Content(shortcut="plain", body="x")
EVERYTHING = Content(
    shortcut="kirik-degisim",
    title="Broken: replacement",
    body="So sorry, {{contact.first_name|}}!",
    bodies=(("de", "Es tut uns leid!"), ("tr", "Çok üzgünüz {{contact.first_name}}.")),
    folder="Returns",
    files=({"name": "label.pdf", "media_type": "application/pdf", "size": 3, "sha256": "0" * 64},),
    channels=("email",),
    tag="refund",
    status="closed",
)


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
    post.room.write(
        lambda tx: canned.change(tx, key, Content(shortcut="hello", title="Welcome", body="Hi"))
    )
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
        (lambda tx: canned.change(tx, 99, PLAIN), "canned-missing"),
        (lambda tx: canned.create(tx, replace(PLAIN, status="spam")), "canned-status"),
        (
            lambda tx: canned.create(tx, replace(PLAIN, bodies=(("Türkçe", "x"),))),
            "language-invalid",
        ),
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


def test_everything_of_a_response_is_kept_f3_and_comes_back_by_undo(post: Post) -> None:
    key = post.room.write(lambda tx: canned.create(tx, EVERYTHING))
    row = post.room.read(lambda conn: stored.row(conn, key))
    assert row is not None
    assert canned.content_of(row) == EVERYTHING
    assert [tag.name for tag in post.room.read(tags.list_all)] == ["refund"]
    less = replace(EVERYTHING, bodies=(("en", "Sorry!"),), files=(), channels=(), tag="", status="")
    post.room.write(lambda tx: canned.change(tx, key, less))
    assert canned.content_of(post.room.read(stored.list_all)[0]) == less
    post.room.write(actions.undo)
    assert canned.content_of(post.room.read(stored.list_all)[0]) == EVERYTHING
    assert post.room.write(lambda tx: canned.change(tx, key, EVERYTHING)) is None


def test_a_response_speaks_the_language_of_the_customer(post: Post) -> None:
    key = post.room.write(lambda tx: canned.create(tx, EVERYTHING))

    def read(text: str) -> str:
        mail = post.mail(
            f"{len(text)}@x",
            sender="Elif <elif@posta.com.tr>",
            subject=f"Question {len(text)}",
            body=text,
        )
        post.bring(mail)
        subject = f"Question {len(text)}"
        conversation_id = post.only_named(subject).id
        filled = post.room.write(lambda tx: canned.render_for(tx, key, conversation_id))
        return filled.text

    assert read("Merhaba, iki tabak kırık geldi, değişim mi iade mi olur?") == "Çok üzgünüz Elif."
    assert read("Guten Tag, ich habe zwei Teller und die sind kaputt.") == "Es tut uns leid!"
    assert read("Hello, when will you send it?") == "So sorry, Elif!"


def test_every_variable_that_has_a_value_is_filled_in_f2(post: Post) -> None:
    body = (
        "{{contact.name}}|{{contact.last_name}}|{{contact.email}}|{{conversation.subject}}|"
        "{{conversation.created_at}}|{{message.sender_name}}|{{message.date}}|{{me.email|me}}|"
        "{{account.email}}|{{date.today}}|{{date.+3d}}|{{date.weekday}}|{{message.quoted}}"
    ).replace("}}|{{", "}};{{")
    key = post.room.write(lambda tx: canned.add(tx, title="", shortcut="all", body=body))
    filled = post.room.write(lambda tx: canned.render_for(tx, key, post.only().id))
    assert filled.missing == ()
    parts = filled.text.split(";")
    assert parts[:4] == ["Ayşe Demir", "Demir", "ayse@example.org", "A question"]
    today, ahead = parts[9:11]
    assert datetime.fromisoformat(ahead) - datetime.fromisoformat(today) == timedelta(days=3)
    assert parts[12].startswith("> ")


def test_what_a_person_entered_is_filled_in(post: Post) -> None:
    body = "Takip: {{prompt.takip no}} {{order.number}}"
    key = post.room.write(lambda tx: canned.add(tx, title="", shortcut="kargo", body=body))
    shown = post.room.read(lambda conn: canned.preview(conn, key, None, now=datetime.now(UTC)))
    assert shown.missing == ("prompt.takip no", "order.number")
    given = {"prompt.takip no": "YK 4471", "order.number": "{{me.email}}"}
    filled = post.room.write(lambda tx: canned.render_for(tx, key, None, given=given))
    assert filled.text == "Takip: YK 4471 {{me.email}}"


def test_a_free_shortcut_is_found_and_fits(post: Post) -> None:
    _add(post, "a" * 40)
    assert post.room.read(lambda conn: canned.free_shortcut(conn, "new")) == "new"
    free = post.room.read(lambda conn: canned.free_shortcut(conn, "a" * 40))
    assert free == "a" * 38 + "-2"


def test_what_a_business_knows_of_a_customer_counts_before_what_is_guessed(post: Post) -> None:
    def known(tx: Tx) -> None:
        customers.add_field(tx, "Size")
        (field,) = customer_fields.list_all(tx.conn)
        key = post.only().customer_id
        assert key is not None
        customers.edit(tx, key, language="de", fields={field.uid: "L"})

    body = "{{contact.custom.Size}} {{contact.language}} {{contact.custom.Shoes|?}}"
    content = replace(PLAIN, body=body, bodies=(("de", f"Größe {body}"),))
    key = post.room.write(lambda tx: canned.create(tx, content))
    conversation_id = post.only().id
    post.room.write(known)
    filled = post.room.write(lambda tx: canned.render_for(tx, key, conversation_id))
    assert filled.text == "Größe L de ?"
