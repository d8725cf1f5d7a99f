"""Two customers become one and two again, exactly (rules E4, E5)."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from desktop_inbox.domain.customer_fields import FieldKind
from desktop_inbox.domain.customer_merge import Side
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import conversations as actions
from desktop_inbox.services import customer_merging as merging
from desktop_inbox.services import customers as service
from desktop_inbox.store import customers, search
from desktop_inbox.store.customers import IdentityKey
from desktop_inbox.store.rows import CustomerRow
from tests.support.engine_room import Room
from tests.support.lookups import customer_known_as
from tests.support.post import AYSE, BO, Post

PEOPLE = {
    "ayse": AYSE,
    "bo": BO,
    "cem": "Cem <cem@example.com>",
    "dora": "Dora <dora@example.de>",
}
ADDRESSES = {
    "ayse": "ayse@example.org",
    "bo": "bo@example.net",
    "cem": "cem@example.com",
    "dora": "dora@example.de",
}


class People:
    """Four customers with mail, tags, notes and a field of their own."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.post = Post(room)
        self.post.bring(
            *(
                self.post.mail(f"{name}@x", sender=sender, minute=minute, subject=f"Of {name}")
                for minute, (name, sender) in enumerate(PEOPLE.items())
            )
        )
        self.ids = {name: self.now(name).id for name in PEOPLE}
        self.field = room.write(lambda tx: service.add_field(tx, "Size", kind=FieldKind.NUMBER))

    def now(self, name: str) -> CustomerRow:
        """Return with whom an address is shown."""
        address = ADDRESSES[name]
        row = self.room.read(lambda conn: customer_known_as(conn, "email", address))
        assert row is not None
        return row

    def row(self, name: str) -> CustomerRow:
        row = self.room.read(lambda conn: customers.row(conn, self.ids[name]))
        assert row is not None
        return row

    def edit(self, name: str, **values: Any) -> None:
        self.room.write(lambda tx: service.edit(tx, self.ids[name], **values))

    def merge(self, source: str, into: str, **more: Any) -> None:
        self.room.write(lambda tx: merging.merge(tx, self.ids[source], self.ids[into], **more))

    def unmerge(self, name: str) -> None:
        self.room.write(lambda tx: merging.unmerge(tx, self.ids[name]))

    def owner_of(self, subject: str) -> int | None:
        (row,) = (one for one in self.room.conversations() if one.subject == subject)
        return row.customer_id

    def picture(self) -> dict[str, list[Any]]:
        return self.room.read(
            lambda conn: {
                table: conn.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all()
                for table in _CONTENT
            }
        )


_CONTENT = (
    "customer", "identity", "conversation", "customer_value", "customer_tag", "message", "draft",
    "outbox",
)  # fmt: skip


@pytest.fixture
def people(room: Room) -> People:
    return People(room)


def test_everything_of_the_one_is_shown_with_the_other(people: People) -> None:
    people.room.write(lambda tx: service.tag(tx, people.ids["ayse"], "Wholesale"))
    people.edit("ayse", notes="Likes blue", vip=True, fields={people.field: "38"})
    people.edit("bo", notes="Pays late", company="Bo & Sons")
    people.merge("ayse", "bo")
    bo = people.row("bo")
    assert [one.address for one in bo.identities] == ["ayse@example.org", "bo@example.net"]
    assert people.owner_of("Of ayse") == people.owner_of("Of bo") == bo.id
    assert bo.notes == "Pays late\n\nLikes blue"
    assert (bo.vip, bo.company) == (True, "Bo & Sons")
    assert bo.name == "Ayşe"  # of the older person
    picture = people.picture()
    assert [value for owner, _, value in picture["customer_value"] if owner == bo.id] == ["38"]
    assert [owner for owner, _ in picture["customer_tag"]].count(bo.id) == 1


def test_notes_typed_about_the_one_who_is_merged_away_meanwhile_join_the_others(
    people: People,
) -> None:
    people.edit("bo", notes="Pays late")
    people.merge("ayse", "bo")
    people.edit("ayse", notes="Likes blue")
    assert people.row("bo").notes == "Pays late\n\nLikes blue"


def test_a_preview_says_what_would_move_and_which_fields_differ_and_moves_nothing(
    people: People,
) -> None:
    people.edit("ayse", company="A")
    people.edit("bo", company="B")
    before = people.picture()
    seen = people.room.read(
        lambda conn: merging.preview(
            conn, people.ids["ayse"], people.ids["bo"], chosen={"company": Side.TARGET}
        )
    )
    assert (seen.moved.conversations, seen.moved.messages, seen.moved.identities) == (1, 1, 1)
    by_field = {one.field: one for one in seen.choices}
    assert (by_field["company"].conflict, by_field["company"].result) == (True, "B")
    assert by_field["name"].result == "Ayşe"
    assert people.picture() == before


def test_undoing_a_merge_restores_both_exactly(people: People) -> None:
    people.edit("ayse", notes="Likes blue", blocked=True)
    before = people.picture()
    people.merge("ayse", "bo")
    people.unmerge("bo")
    assert people.picture() == before
    people.merge("ayse", "bo")
    people.room.write(actions.undo)
    assert people.picture() == before


def test_mail_that_came_since_goes_by_its_address_when_the_merge_ends(people: People) -> None:
    people.merge("ayse", "bo")
    people.post.bring(people.post.mail("new@x", sender=AYSE, minute=9, subject="New"))
    people.post.bring(people.post.mail("bo2@x", sender=BO, minute=10, subject="Newer"))
    assert people.owner_of("New") == people.ids["bo"]
    people.unmerge("ayse")
    assert people.owner_of("New") == people.ids["ayse"]
    assert people.owner_of("Newer") == people.ids["bo"]


def test_a_chain_gives_everybody_back_in_whatever_order_it_is_undone(people: People) -> None:
    people.edit("ayse", notes="a")
    people.edit("bo", notes="b")
    people.edit("cem", notes="c")
    before = people.picture()
    people.merge("ayse", "bo")
    people.merge("bo", "cem")
    assert people.now("ayse").id == people.ids["cem"]
    people.unmerge("ayse")
    assert people.now("ayse").id == people.ids["ayse"]
    assert people.now("bo").id == people.ids["cem"]
    people.unmerge("cem")
    assert people.picture() == before


def test_what_was_changed_by_hand_since_stays(people: People) -> None:
    people.merge("ayse", "bo")
    people.edit("bo", company="Bo & Sons")
    people.unmerge("bo")
    assert (people.row("bo").company, people.row("bo").name) == ("Bo & Sons", "Bo")


def test_what_is_queued_keeps_its_recipient_e5(people: People) -> None:
    (row,) = (one for one in people.room.conversations() if one.subject == "Of ayse")
    people.room.queue(conversation_id=row.id)
    people.merge("ayse", "bo")
    (queued,) = people.room.outbox()
    message = people.room.message(queued.message_id)
    assert [one.address for one in message.to] == ["ayse@example.org"]


def test_whoever_was_merged_is_found_once_and_by_both_names(people: People) -> None:
    people.merge("ayse", "bo")
    for words in ("ayse@example.org", "bo@example.net"):
        found = people.room.read(partial(search.search, typed=words))
        assert [one.id for one in found.customers] == [people.ids["bo"]]


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_merges_undone_in_any_order_leaves_the_same_content(
    people: People, seed: int
) -> None:
    chance = random.Random(seed)
    for name in PEOPLE:
        people.edit(name, notes=f"of {name}", fields={people.field: str(len(name))})
        people.room.write(lambda tx: service.tag(tx, people.ids[name], "Both"))  # noqa: B023
    before = people.picture()
    standing = 0
    for _ in range(14):
        one, other = chance.sample(sorted(PEOPLE), 2)
        if chance.random() < 0.6:
            if people.now(one).id != people.now(other).id:
                people.merge(one, other)
                standing += 1
        elif _try_unmerge(people, one):
            standing -= 1
    names = sorted(PEOPLE)
    while standing:
        standing -= _try_unmerge(people, chance.choice(names))
    assert people.picture() == before


def _try_unmerge(people: People, name: str) -> bool:
    uid = people.row(name).uid
    merged = bool(people.room.read(lambda conn: merging.merges_of(conn, uid)))
    if merged:
        people.unmerge(name)
    return merged


def test_refusals_say_why(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    for source, into, code in (("ayse", "ayse", "merge-same-customer"),):
        with pytest.raises(UserError, match=code):
            people.merge(source, into)
    with pytest.raises(UserError, match="customer-missing"):
        people.room.write(lambda tx: merging.merge(tx, people.ids["bo"], 9999))
    with pytest.raises(UserError, match="not-merged"):
        people.unmerge("bo")
    people.merge("ayse", "bo")
    monkeypatch.setattr(merging, "UNDONE_WITHIN", timedelta(seconds=-1))
    with pytest.raises(UserError, match="merge-too-old"):
        people.unmerge("bo")


def test_an_address_belongs_to_whom_it_did_before_the_merge(people: People) -> None:
    people.merge("ayse", "bo")
    key = IdentityKey("email", "", "ayse@example.org")
    owner = people.room.read(lambda conn: customers.owners(conn, [key])[key])
    assert owner.customer_id == people.ids["ayse"]


def test_mail_of_somebody_blocked_goes_to_spam_quietly_also_through_another_address(
    people: People,
) -> None:
    people.merge("ayse", "bo")
    people.room.write(lambda tx: service.block(tx, people.ids["bo"]))
    people.post.bring(people.post.mail("more@x", sender=AYSE, minute=30, subject="More"))
    (row,) = (one for one in people.room.conversations("spam") if one.subject == "More")
    assert row.customer_id == people.ids["bo"]
    people.room.write(lambda tx: service.block(tx, people.ids["bo"], on=False))
    people.post.bring(people.post.mail("again@x", sender=AYSE, minute=31, subject="Again"))
    assert "Again" in [one.subject for one in people.room.conversations("inbox")]
