"""Saved views: what SQL finds is what the rule says, for any data and any condition."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from sqlalchemy import Connection, insert, select, update

from desktop_inbox.domain.conditions import (
    Facts,
    Group,
    Mode,
    Test,
    Viewer,
    matches,
)
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.states import Priority, Status
from desktop_inbox.store import accounts, conversations, database, view_conditions
from desktop_inbox.store.database import Database, Tx
from desktop_inbox.store.list_walks import NOT_MERGED
from desktop_inbox.store.lists import SAVED, ListQuery
from desktop_inbox.store.schema import (
    account,
    agent,
    conversation,
    conversation_tag,
    customer,
    saved_view,
    tag,
)
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail
from tests.support.conditions import (
    ACCOUNTS,
    AGENTS,
    CHANNELS,
    EVERY_TEST,
    LANGUAGES,
    TAGS,
    groups,
)

HOUR = timedelta(hours=1)
_SUBJECTS = ("Kırık tabak", "Where is my crack", "Order", "kirik, TABAK!")
_TEXTS = ("There is a crack", "Nerede bu tabak", "where IS it", "")


class Talk:
    """A random conversation: its facts, and how it is stored."""

    def __init__(self, chance: Random) -> None:
        def moment(hours: int) -> datetime:
            return NOON + timedelta(hours=chance.randint(-hours, hours), minutes=30)

        mails = [
            (chance.choice(_SUBJECTS), chance.choice(_TEXTS), moment(200), chance.random() < 0.4)
            for _ in range(chance.randint(0, 2))
        ]
        self.mails = mails
        self.known = chance.random() < 0.8
        created = moment(400)
        self.facts = Facts(
            status=chance.choice(tuple(Status)),
            priority=chance.choice(tuple(Priority)),
            created=created,
            activity=max([at for _s, _t, at, _u in mails], default=created),
            assignee=chance.choice((None, *AGENTS)),
            channel=chance.choice((None, *CHANNELS)),
            account=chance.choice((None, *ACCOUNTS)),
            vip=chance.random() < 0.5 if self.known else None,
            language=chance.choice((None, *LANGUAGES)) if self.known else None,
            waiting_since=chance.choice((None, moment(60))),
            due_at=chance.choice((None, moment(60))),
            unread=any(unread for *_rest, unread in mails),
            starred=chance.random() < 0.5,
            attachment=chance.random() < 0.5,
            failed=chance.random() < 0.3,
            tags=frozenset(one for one in TAGS if chance.random() < 0.4),
            texts=tuple((subject, f"{subject} {text}") for subject, text, *_rest in mails),
        )

    def write(self, tx: Tx, number: int) -> int:
        who = Address(name=f"C{number}", address=f"c{number}@x.example") if self.known else None
        key = builders.conversation(tx, at=self.facts.created, who=who, subject="")
        for subject, text, at, unread in self.mails:
            author = who or builders.MINA
            mail = Mail(subject=subject, text=text, at=at, seen=not unread, who=author)
            builders.message(tx, key, mail)
        facts = self.facts
        keys = {
            name: tx.conn.scalar(select(table.c.id).where(table.c.uid == uid))
            for name, table, uid in (
                ("assignee_id", agent, facts.assignee),
                ("account_id", account, facts.account),
            )
        }
        tx.finish()  # what is derived, before it is written over
        tx.conn.execute(
            update(conversation)
            .where(conversation.c.id == key)
            .values(
                status=facts.status.value,
                priority=facts.priority.value,
                channel=facts.channel or "",
                waiting_since=facts.waiting_since,
                next_due_at=facts.due_at,
                starred=facts.starred,
                has_attachment=facts.attachment,
                failed=facts.failed,
                **keys,
            )
        )
        if self.known:
            tx.conn.execute(
                update(customer)
                .where(customer.c.name == f"C{number}")
                .values(vip=facts.vip, language=facts.language or "")
            )
        for uid in facts.tags:
            tag_id = tx.conn.scalar(select(tag.c.id).where(tag.c.uid == uid))
            tx.conn.execute(
                insert(conversation_tag).values(
                    tag_id=tag_id, conversation_id=key, last_at=facts.activity
                )
            )
        return key


def _people_and_tags(tx: Tx) -> None:
    tx.conn.execute(update(agent).values(uid=AGENTS[0]))
    tx.conn.execute(insert(agent).values(uid=AGENTS[1], name="Two"))
    for uid in ACCOUNTS:
        key = accounts.create(tx, kind="email", title=uid, address=uid, settings={})
        tx.conn.execute(update(account).where(account.c.id == key).values(uid=uid))
    tx.conn.execute(insert(tag), [{"uid": uid, "name": uid, "hue": 1} for uid in TAGS])
    tx.conn.execute(insert(tag).values(uid="unknown-tag", name="gone", hue=1, deleted=True))


class World:
    """A store of random conversations, and what is known of each."""

    def __init__(self, store: Store, facts: dict[int, Facts]) -> None:
        self.facts = facts
        self._store = store

    def agrees(self, condition: Group) -> None:
        """Compare what SQL finds with what the rule says."""
        expected = {key for key, one in self.facts.items() if matches(condition, one, VIEWER)}
        assert self._store.read(lambda conn: found(conn, condition)) == expected


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    db = Database.open(tmp_path_factory.mktemp("views") / "workspace.db")
    store = Store(db)
    # Both readers at work, so that no test seems to leave one behind.
    met = threading.Barrier(database.READERS, timeout=10)
    for reading in [db.read(lambda _: met.wait()) for _ in range(database.READERS)]:
        reading.result(10)
    chance = Random(5)
    talks = [Talk(chance) for _ in range(120)]
    store.write(_people_and_tags)
    facts = {
        store.write(lambda tx, talk=talk, at=at: talk.write(tx, at)): talk.facts  # type: ignore[misc]
        for at, talk in enumerate(talks)
    }
    yield World(store, facts)
    db.close()


VIEWER = Viewer(now=NOON, agent=AGENTS[0])


def found(conn: Connection, condition: Group) -> set[int]:
    statuses, asked = view_conditions.shown_by(condition, VIEWER)
    shown = NOT_MERGED, conversation.c.status.in_(statuses), asked.holds
    return set(conn.scalars(select(conversation.c.id).where(*shown)))


@given(condition=groups)
@settings(max_examples=250, deadline=None)
def test_sql_finds_what_the_rule_says(world: World, condition: Group) -> None:
    """Rules G2 and K."""
    world.agrees(condition)


@pytest.mark.parametrize(
    "test", EVERY_TEST, ids=lambda test: f"{test.field} {test.operator} {test.value}"
)
def test_every_single_question_and_its_negation_agree_with_sql(world: World, test: Test) -> None:
    for mode in (Mode.ALL, Mode.NONE):
        world.agrees(Group(mode=mode, members=(test,)))


def test_the_random_data_answers_most_questions_either_way(world: World) -> None:
    """Else the tests above would agree about nothing."""
    sides = [
        {matches(Group(members=(test,)), one, VIEWER) for one in world.facts.values()}
        for test in EVERY_TEST
    ]
    assert sum(len(side) == 2 for side in sides) > 0.8 * len(EVERY_TEST)


@pytest.fixture
def view(store: Store) -> int:
    """A saved view of urgent conversations, which there is one of."""

    def write(tx: Tx) -> int:
        keys = [builders.conversation(tx) for _ in range(3)]
        tx.conn.execute(
            update(conversation).where(conversation.c.id == keys[1]).values(priority="urgent")
        )
        made = insert(saved_view).values(
            uid="v", name="Urgent", condition={"all": [["priority", "is", "urgent"]]}
        )
        return int(tx.conn.scalar(made.returning(saved_view.c.id)) or 0)

    return store.write(write)


def test_a_saved_view_is_a_list_like_any_other(store: Store, view: int) -> None:
    query = ListQuery(view=SAVED, saved_id=view)
    rows, _next = store.read(lambda conn: conversations.page(conn, query, limit=5))
    assert [row.priority for row in rows] == [Priority.URGENT]
    assert store.read(lambda conn: conversations.count(conn, query)) == 1
    for sort in ("waiting", "due", "priority"):
        ids = store.read(lambda conn, by=sort: conversations.ids(conn, query._replace(sort=by)))  # type: ignore[misc]
        assert list(ids) == [rows[0].id]


@pytest.mark.parametrize("condition", [None, {"all": [["mood", "is", "good"]]}])
def test_a_view_that_cannot_be_read_here_holds_nothing(
    store: Store, view: int, condition: object, tmp_path: Path
) -> None:
    store.write(lambda tx: tx.conn.execute(update(saved_view).values(condition=condition)))
    query = ListQuery(view=SAVED, saved_id=view)
    assert list(store.read(lambda conn: conversations.ids(conn, query))) == []


def test_a_view_that_is_gone_holds_nothing(store: Store) -> None:
    query = ListQuery(view=SAVED, saved_id=99)
    assert store.read(lambda conn: conversations.count(conn, query)) == 0
