"""Whatever was done is taken back, in any order, and nothing is left of it (rules E4, P6)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from desktop_inbox.domain.conditions import Field, Operator, Test
from desktop_inbox.domain.conditions import Group as Condition
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import (
    canned,
    customer_merging,
    customer_suggestions,
    customers,
    joining,
    replies,
    saved_views,
    tagging,
    undoing,
)
from desktop_inbox.services import conversations as actions
from desktop_inbox.services.canned import Content
from desktop_inbox.store import canned as canned_store
from desktop_inbox.store import customers as customer_store
from desktop_inbox.store import events, tags
from desktop_inbox.store import saved_views as view_store
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import ConversationRow
from desktop_inbox.store.schema import metadata
from desktop_inbox.store.workspace import Workspace
from tests.support.engine_room import Room
from tests.support.post import AYSE, BO, EVE, SHOP, Post

# The logs themselves, what is queued for servers, where opposite wishes stand side by side, and
# the row that says which clocks are still to be computed.
_NOT_CONTENT = {"event", "field_clock", "change_log", "server_action", "workspace"}
# What was made and taken back stays as a name that nothing shows, for other devices know it.
_TOMBSTONES = {
    "tag": "deleted",
    "canned_response": "deleted",
    "customer_field": "deleted",
    "saved_view": "deleted",
    "conversation": "merged_into_id",
    "thread": "uid",
    "thread_reference": "thread_id",
    "thread_participant": "thread_id",
}
Picture = dict[str, list[tuple[Any, ...]]]


def picture(room: Room) -> Picture:
    """Return every row of every table that is content."""
    return room.read(
        lambda conn: {
            table.name: sorted((tuple(row) for row in conn.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in _NOT_CONTENT
        }
    )


def assert_restored(before: Picture, after: Picture) -> None:
    """Everything that was there is as it was, and what is there besides is a mere name."""
    for name, rows in before.items():
        assert [row for row in rows if row not in after[name]] == []
        for row in after[name]:
            if row not in rows:
                column = _TOMBSTONES.get(name)
                assert column is not None, (name, row)
                at = [one.name for one in metadata.tables[name].c].index(column)
                assert row[at], (name, row)


class Shop:
    """Six conversations of three customers, and everything a person can do to them."""

    def __init__(self, room: Room, chance: random.Random) -> None:
        self.room, self.chance = room, chance
        self.post = Post(room)
        mails = []
        for number, sender in enumerate((AYSE, BO, EVE, AYSE, BO, EVE)):
            first = f"{number}@x"
            mails.append(
                self.post.mail(first, sender=sender, minute=number * 5, subject=f"About {number}")
            )
            mails.append(
                self.post.mail(
                    f"{number}b@x",
                    sender=SHOP,
                    to=sender,
                    minute=number * 5 + 1,
                    subject=f"Re: About {number}",
                    reply_to=first,
                )
            )
            mails.append(
                self.post.mail(
                    f"{number}c@x",
                    sender=sender,
                    minute=number * 5 + 2,
                    subject=f"Re: About {number}",
                    reply_to=first,
                )
            )
        self.post.bring(*mails)
        room.write(lambda tx: actions.tag(tx, self.any().id, "Known"))
        room.write(lambda tx: canned.add(tx, title="Hello", shortcut="hello", body="Hello!"))
        self.size = room.write(lambda tx: customers.add_field(tx, "Size"))

    def any(self) -> ConversationRow:
        return self.chance.choice(self.shown())

    def shown(self) -> list[ConversationRow]:
        return [row for view in ("all", "spam", "trash") for row in self.room.conversations(view)]

    def some(self) -> list[int]:
        rows = self.shown()
        return [row.id for row in self.chance.sample(rows, min(2, len(rows)))]

    def person(self) -> int:
        rows = self.room.read(lambda conn: customer_store.list_all(conn))
        return self.chance.choice(rows).id

    def tag(self) -> str:
        return self.chance.choice(["Known", "New", "Third", "Başka"])

    def act(self) -> None:
        """Do one thing at random; what is refused is not done."""
        do = self.chance.choice(_ACTIONS)
        try:
            self.room.write(lambda tx: do(self, tx))
        except UserError as error:
            if error.code not in _REFUSED:
                raise

    def groups(self, since: int = 0) -> list[str]:
        """Return what was done, each action once, in order."""
        log = self.room.read(events.in_order)
        return list(dict.fromkeys(one.group_uid for one in log))[since:]


_REFUSED = {
    "tag-missing", "tag-exists", "merge-with-itself", "split-at-the-beginning", "never-snoozed",
    "merge-same-customer", "message-missing", "view-missing", "shortcut-exists", "customer-missing",
}  # fmt: skip
_UTC = ZoneInfo("UTC")
_VIEWS = (
    Condition(members=(Test(field=Field.STATUS, operator=Operator.IS, value="open"),)),
    Condition(),
)


def _split(shop: Shop, tx: Tx) -> None:
    row = shop.any()
    messages = shop.room.messages(row.id)
    joining.split(tx, row.id, shop.chance.choice(messages).id)


def _tag_row(shop: Shop, tx: Tx) -> int:
    return shop.chance.choice([0, *(row.id for row in tags.list_all(tx.conn))])


def _view(shop: Shop, tx: Tx) -> int:
    return shop.chance.choice([0, *(row.id for row in view_store.list_all(tx.conn))])


def _change_canned(shop: Shop, tx: Tx) -> None:
    rows = canned_store.list_all(tx.conn)
    if rows:
        row = shop.chance.choice(rows)
        canned.change(tx, row.id, Content(shortcut=row.shortcut, title="T", body=_word(shop)))


def _remove_canned(shop: Shop, tx: Tx) -> None:
    rows = canned_store.list_all(tx.conn)
    if rows:
        canned.remove(tx, shop.chance.choice(rows).id)


def _word(shop: Shop) -> str:
    return shop.chance.choice(["blue", "ölçü", "İade"])


_ACTIONS: tuple[Callable[[Shop, Tx], object], ...] = (
    lambda shop, tx: actions.set_status(
        tx,
        shop.some(),
        shop.chance.choice([Status.OPEN, Status.CLOSED, Status.SPAM, Status.TRASH]),
    ),
    lambda shop, tx: actions.snooze(
        tx, shop.some(), until=tx.now + timedelta(days=1), until_reply=shop.chance.random() < 0.5
    ),
    lambda shop, tx: actions.snooze(tx, shop.some(), until_reply=True),
    lambda shop, tx: actions.snooze(tx, shop.some(), until=tx.now + timedelta(hours=2), stays=True),
    lambda shop, tx: actions.snooze_again(tx, shop.some(), zone=_UTC),
    lambda shop, tx: actions.follow_up(tx, shop.some(), tx.now + timedelta(days=2)),
    lambda shop, tx: actions.follow_up(tx, shop.some(), None),
    lambda shop, tx: actions.assign_to_me(tx, shop.some()),
    lambda shop, tx: actions.assign(tx, shop.some(), None),
    lambda shop, tx: actions.set_priority(tx, shop.some(), shop.chance.choice(list(Priority))),
    lambda shop, tx: actions.set_subject(tx, shop.any().id, _word(shop)),
    lambda shop, tx: actions.star(tx, shop.some(), on=shop.chance.random() < 0.6),
    lambda shop, tx: actions.mark_automated(tx, shop.some(), on=shop.chance.random() < 0.6),
    lambda shop, tx: actions.tag(tx, shop.some(), shop.tag()),
    lambda shop, tx: actions.tag(tx, shop.some(), shop.tag()),
    lambda shop, tx: actions.untag(tx, shop.some(), shop.tag()),
    lambda shop, tx: actions.mark_read(tx, shop.some()),
    lambda shop, tx: actions.mark_unread(tx, shop.some()),
    lambda shop, tx: joining.merge(tx, shop.any().id, shop.any().id),
    lambda shop, tx: joining.merge(tx, shop.any().id, shop.any().id),
    lambda shop, tx: joining.keep_apart(tx, shop.any().id, shop.any().uid),
    _split,
    _split,
    lambda shop, tx: replies.add_note(tx, shop.any().id, _word(shop)),
    lambda shop, tx: tagging.create(tx, shop.tag(), hue=shop.chance.randrange(360)),
    lambda shop, tx: tagging.rename(tx, _tag_row(shop, tx), shop.tag()),
    lambda shop, tx: tagging.colour(tx, _tag_row(shop, tx), shop.chance.randrange(360)),
    lambda shop, tx: tagging.remove(tx, _tag_row(shop, tx)),
    lambda shop, tx: customers.edit(
        tx,
        shop.person(),
        name=_word(shop),
        notes=_word(shop),
        vip=shop.chance.random() < 0.5,
        fields={shop.size: _word(shop)},
    ),
    lambda shop, tx: customers.tag(tx, shop.person(), shop.tag()),
    lambda shop, tx: customers.untag(tx, shop.person(), shop.tag()),
    lambda shop, tx: customers.block(tx, shop.person(), on=shop.chance.random() < 0.5),
    lambda shop, tx: customer_merging.merge(tx, shop.person(), shop.person()),
    lambda shop, tx: customer_merging.merge(tx, shop.person(), shop.person()),
    lambda shop, tx: customer_suggestions.dismiss(tx, shop.person(), shop.person()),
    lambda shop, tx: saved_views.create(tx, name=_word(shop), condition=shop.chance.choice(_VIEWS)),
    lambda shop, tx: saved_views.change(
        tx, _view(shop, tx), name=_word(shop), condition=shop.chance.choice(_VIEWS)
    ),
    lambda shop, tx: saved_views.move(tx, _view(shop, tx), place=0),
    lambda shop, tx: saved_views.remove(tx, _view(shop, tx)),
    lambda shop, tx: canned.add(tx, title="T", shortcut=f"x{shop.chance.randrange(3)}", body="B"),
    _change_canned,
    _remove_canned,
)


@pytest.mark.parametrize(
    ("seed", "backwards"), [(1, True), (2, True), (4, False), (5, False), (6, False)]
)
def test_fifty_actions_and_their_undoing_leave_the_identical_content(
    room: Room, seed: int, backwards: bool
) -> None:
    shop = Shop(room, random.Random(seed))
    done, before = len(shop.groups()), picture(room)
    while len(shop.groups(done)) < 50:
        shop.act()
    groups = shop.groups(done)
    assert picture(room) != before
    if backwards:
        groups.reverse()
    else:
        shop.chance.shuffle(groups)
    while groups:
        left = [group for group in groups if not taken_back(room, group)]
        assert len(left) < len(groups)
        groups = left
    assert_restored(before, picture(room))


def taken_back(room: Room, group: str) -> bool:
    """Take an action back; False where later ones that stand cover all it did."""
    try:
        room.write(lambda tx: undoing.undo(tx, group))
    except UserError as error:
        if error.code != "undo-changed":
            raise
        return False
    return True


@pytest.fixture
def post(room: Room) -> Post:
    post = Post(room)
    post.bring(post.mail("a@x", subject="A question"))
    return post


def test_what_was_changed_again_since_stays_and_the_rest_is_taken_back(post: Post) -> None:
    key = post.only().id
    high = post.room.write(lambda tx: actions.set_priority(tx, key, Priority.HIGH))
    urgent = post.room.write(lambda tx: actions.set_priority(tx, key, Priority.URGENT))
    with pytest.raises(UserError, match="undo-changed"):
        post.room.write(lambda tx: undoing.undo(tx, high))
    post.room.write(lambda tx: undoing.undo(tx, urgent))
    assert post.only().priority is Priority.HIGH
    post.room.write(lambda tx: undoing.undo(tx, high))
    assert post.only().priority is Priority.NORMAL
    with pytest.raises(UserError, match="undo-done"):
        post.room.write(lambda tx: undoing.undo(tx, high))


def test_taking_back_an_undo_does_it_again(post: Post) -> None:
    key = post.only().id
    closed = post.room.write(lambda tx: actions.close(tx, key))
    undone = post.room.write(lambda tx: undoing.undo(tx, closed))
    again = post.room.write(lambda tx: undoing.undo(tx, undone))
    assert post.only().status is Status.CLOSED
    post.room.write(lambda tx: undoing.undo(tx, again))
    assert post.only().status is Status.OPEN


def test_the_latest_action_is_taken_back_after_a_restart_as_well(post: Post) -> None:
    key = post.only().id
    post.room.write(lambda tx: actions.star(tx, key))
    folder = post.room.workspace.data_dir
    post.room.workspace.close()
    post.room.workspace = Workspace.open(folder)
    assert post.only().starred
    post.room.write(undoing.undo)
    assert not post.only().starred


def test_undo_says_why_where_it_is_refused(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    row = post.only()
    closed = post.room.write(lambda tx: actions.close(tx, row.id))
    post.bring(post.mail("b@x", reply_to="a@x", minute=60 * 24 * 400))
    (reopened,) = post.room.read(lambda conn: events.of_kinds(conn, ["conversation.reopened"]))
    with pytest.raises(UserError, match="undo-by-itself"):
        post.room.write(lambda tx: undoing.undo(tx, reopened.group_uid))
    with pytest.raises(UserError, match="undo-changed"):  # the customer's answer opened it
        post.room.write(lambda tx: undoing.undo(tx, closed))
    monkeypatch.setattr(undoing, "UNDONE_WITHIN", timedelta(seconds=-1))
    with pytest.raises(UserError, match="undo-too-old"):
        post.room.write(lambda tx: undoing.undo(tx, closed))
    with pytest.raises(UserError, match="nothing-to-undo"):
        post.room.write(lambda tx: undoing.undo(tx, "unknown"))


def test_what_was_done_to_a_conversation_that_is_gone_cannot_be_taken_back(post: Post) -> None:
    queued = post.room.queue(account_id=post.mailbox.id)
    starred = post.room.write(lambda tx: actions.star(tx, queued.conversation_id))
    post.room.write(lambda tx: replies.cancel(tx, queued.message_id))
    with pytest.raises(UserError, match="undo-gone"):
        post.room.write(lambda tx: undoing.undo(tx, starred))
