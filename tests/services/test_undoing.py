"""Whatever was done is taken back, in any order, and nothing is left of it (rules E4, P6)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from desktop_inbox.domain.conditions import Field, Operator, Test
from desktop_inbox.domain.conditions import Group as Condition
from desktop_inbox.domain.conversations import Priority, Status
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.opening_hours import Hours
from desktop_inbox.domain.policies import NO_POLICY, ClockKind, Target, Terms
from desktop_inbox.services import (
    canned,
    customer_merging,
    customer_suggestions,
    customers,
    joining,
    profile,
    replies,
    saved_views,
    service_levels,
    tagging,
    undoing,
)
from desktop_inbox.services import conversations as actions
from desktop_inbox.services.canned import Content
from desktop_inbox.store import canned as canned_store
from desktop_inbox.store import customer_fields, events, policies, tags
from desktop_inbox.store import customers as customer_store
from desktop_inbox.store import saved_views as view_store
from desktop_inbox.store import service_levels as service_levels_store
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.policies import Kept
from desktop_inbox.store.schema import metadata
from desktop_inbox.store.schema import tag as tag_table
from desktop_inbox.store.workspace import Workspace
from tests.support.builders import NOON
from tests.support.engine_room import Room
from tests.support.lookups import whole_log
from tests.support.post import AYSE, BO, EVE, SHOP, Post

# The logs themselves, and what is queued for servers, where opposite wishes stand side by side.
_NOT_CONTENT = {"event", "field_clock", "change_log", "server_action"}
# What was split off and joined again goes on leading to what it lies in now (rule P2).
_TOMBSTONES = {
    "conversation": "merged_into_id",
    "thread": "uid",
    "thread_reference": "thread_id",
    "thread_participant": "thread_id",
}
Picture = dict[str, list[tuple[Any, ...]]]


def picture(room: Room) -> Picture:
    """Return every row of every table that is content, with every clock computed."""
    while room.read(service_levels_store.waits_for_renewal):
        room.write(service_levels_store.renew_some)
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
        room.write(
            lambda tx: service_levels_store.start_clocks(tx, self.post.mailbox.id, since=NOON)
        )

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
        log = self.room.read(whole_log)
        return list(dict.fromkeys(one.group_uid for one in log))[since:]


_REFUSED = {
    "tag-missing", "tag-exists", "merge-with-itself", "split-at-the-beginning", "never-snoozed",
    "merge-same-customer", "message-missing", "view-missing", "shortcut-exists", "customer-missing",
}  # fmt: skip
_REFUSED |= {
    "policy-missing", "calendar-missing", "calendar-exists", "calendar-in-use", "calendar-last",
    "field-exists", "field-missing",
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


def _hours(shop: Shop, tx: Tx) -> Kept[Hours]:
    return shop.chance.choice(policies.calendars(tx.conn))


def _other_hours(shop: Shop, tx: Tx) -> Hours:
    kept = _hours(shop, tx).current
    return replace(kept, name=_word(shop), zone=shop.chance.choice(["UTC", "Europe/Istanbul"]))


def _level(shop: Shop, tx: Tx) -> str:
    return shop.chance.choice([one.uid for one in policies.policies(tx.conn)] or ["none"])


def _other_terms(shop: Shop, tx: Tx) -> Terms:
    target = Target(length=timedelta(hours=shop.chance.randrange(1, 9)), business=False)
    return Terms(
        name=_word(shop),
        targets={ClockKind.FIRST_RESPONSE: target, ClockKind.RESOLUTION: target},
        enabled=shop.chance.random() < 0.8,
    )


def _field(shop: Shop, tx: Tx) -> str:
    return shop.chance.choice(["none", *(one.uid for one in customer_fields.list_all(tx.conn))])


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
    lambda shop, tx: customers.add_field(tx, _word(shop)),
    lambda shop, tx: customers.rename_field(tx, _field(shop, tx), _word(shop)),
    lambda shop, tx: customers.remove_field(tx, _field(shop, tx)),
    lambda shop, tx: service_levels.add_hours(tx, _other_hours(shop, tx)),
    lambda shop, tx: service_levels.change_hours(tx, _hours(shop, tx).uid, _other_hours(shop, tx)),
    lambda shop, tx: service_levels.remove_hours(tx, _hours(shop, tx).uid),
    lambda shop, tx: service_levels.add_policy(tx, _other_terms(shop, tx)),
    lambda shop, tx: service_levels.change_policy(tx, _level(shop, tx), _other_terms(shop, tx)),
    lambda shop, tx: service_levels.move_policy(tx, _level(shop, tx), shop.chance.randrange(3)),
    lambda shop, tx: service_levels.remove_policy(tx, _level(shop, tx)),
    lambda shop, tx: service_levels.pin(
        tx, shop.some(), shop.chance.choice([None, NO_POLICY, _level(shop, tx)])
    ),
    lambda shop, tx: profile.edit(tx, name=_word(shop), signature=_word(shop)),
    lambda shop, tx: profile.name_business(tx, _word(shop)),
)


@pytest.mark.parametrize(
    ("seed", "backwards"),
    [(1, True), (2, True), (3, True), (4, False), (5, False), (6, False), (7, False)],
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


def test_what_was_made_and_taken_back_is_made_again_by_taking_that_back(post: Post) -> None:
    room = post.room
    made = room.write(lambda tx: tagging.create(tx, "Refund", hue=7))
    before = room.read(tags.list_all)
    undone = room.write(lambda tx: undoing.undo(tx, made))
    assert room.read(lambda conn: conn.scalar(select(func.count()).select_from(tag_table))) == 0
    room.write(lambda tx: undoing.undo(tx, undone))
    after = room.read(tags.list_all)
    assert [(one.uid, one.name, one.hue) for one in after] == [
        (one.uid, one.name, one.hue) for one in before
    ]


def test_what_still_lies_on_something_is_not_forgotten_before_that_is_taken_back(
    post: Post,
) -> None:
    room, key = post.room, post.only().id
    made = room.write(lambda tx: tagging.create(tx, "Refund"))
    laid = room.write(lambda tx: actions.tag(tx, key, "Refund"))
    room.write(lambda tx: undoing.undo(tx, made))
    assert not post.only().tags
    assert room.read(lambda conn: conn.scalar(select(func.count()).select_from(tag_table))) == 1
    room.write(lambda tx: undoing.undo(tx, laid))
    assert room.read(lambda conn: conn.scalar(select(func.count()).select_from(tag_table))) == 0


def test_another_device_that_names_what_was_taken_back_does_not_make_it_again(post: Post) -> None:
    room, row = post.room, post.only()
    made = room.write(lambda tx: tagging.create(tx, "Refund"))
    (tag,) = room.read(tags.list_all)
    room.write(lambda tx: undoing.undo(tx, made))
    laid = FieldChange("conversation", row.uid, f"tag:{tag.uid}", None, True)
    room.write(lambda tx: events.record(tx, "conversation.tag", [laid], conversation=row.uid))
    assert room.read(tags.list_all) == []
    assert not post.only().tags
