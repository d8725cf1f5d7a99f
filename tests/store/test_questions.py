"""What is kept of a list or a search is told the time, and the page, whenever it is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from desktop_inbox.store import conversations, search
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.store.database import Tx
from desktop_inbox.store.lists import ListQuery
from desktop_inbox.store.questions import Keeper, Question, from_now, later, told
from desktop_inbox.store.schema import conversation
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import MINA, NOON, Mail

HOUR = timedelta(hours=1)


@pytest.fixture
def keys(store: Store) -> list[int]:
    """Three conversations, one an hour; each waits since it came."""

    def fill(tx: Tx) -> list[int]:
        found = []
        for hour in range(3):
            key = builders.conversation(tx, who=MINA, at=NOON + hour * HOUR)
            builders.message(tx, key, Mail(text="A crack.", at=NOON + hour * HOUR))
            found.append(key)
        return found

    return store.write(fill)


def test_a_moment_moves_with_the_clock(store: Store, keys: list[int]) -> None:
    border = later(from_now(-HOUR, now=NOON), HOUR)
    lately = select(conversation.c.id).where(conversation.c.last_at >= border)
    question = Question(lately.order_by(conversation.c.id).limit(told("most")))

    def asked(hours: int, most: int) -> list[int]:
        now = NOON + hours * HOUR
        return store.read(lambda conn: [k for (k,) in question.rows(conn, now=now, most=most)])

    assert asked(0, 2) == keys[:2]
    assert asked(0, 9) == keys
    assert asked(2, 9) == keys[2:]


@pytest.mark.parametrize("text", ["", "waiting:>1h", "is:waiting waiting:>1h -plate"])
@pytest.mark.parametrize("view", ["inbox", "all"])
def test_the_same_list_follows_the_clock(
    store: Store, keys: list[int], view: str, text: str
) -> None:
    query = ListQuery(view=view, text=text)
    for _ in range(3):  # anew, and then as it is kept
        for hours, waiting in ((0, 0), (2, 2), (9, 3)):
            now = NOON + hours * HOUR + timedelta(minutes=1)
            found = store.read(lambda conn, now=now: conversations.ids(conn, query, now=now))  # type: ignore[misc]
            shown = waiting if text else 3
            assert list(found) == keys[:shown][::-1]


def test_a_search_finds_the_same_again_and_what_came_meanwhile(
    store: Store, keys: list[int]
) -> None:
    def found() -> list[int]:
        result = store.read(lambda conn: search.search(conn, "crack is:open", typing=False))
        return [row.id for row in result.conversations]

    assert found() == found() == found() == keys[::-1]
    newest = store.write(lambda tx: builders.conversation(tx, who=MINA, at=NOON + 9 * HOUR))
    mail = Mail(text="One more crack.", at=NOON + 9 * HOUR)
    store.write(lambda tx: builders.message(tx, newest, mail))
    assert found() == [newest, *keys[::-1]]


def test_what_was_built_is_kept_and_the_oldest_goes() -> None:
    built: list[str] = []
    keeper = Keeper[str](2)

    def ask(key: str) -> str:
        def build() -> str:
            built.append(key)
            return key.upper()

        return keeper.of(key, build)

    assert [ask(key) for key in "aabaca"] == ["A", "A", "B", "A", "C", "A"]
    assert built == ["a", "b", "c"]
    assert ask("b") == "B"
    assert built == ["a", "b", "c", "b"]


def test_a_row_of_the_list_cannot_be_changed(store: Store, keys: list[int]) -> None:
    row = store.read(lambda conn: conversations.row(conn, keys[0]))
    assert type(row) is ConversationRow
    with pytest.raises(AttributeError):
        row.subject = "Other"  # type: ignore[misc]
    assert row._replace(subject="Other").subject == "Other"
    assert row._replace() == row


def test_what_is_to_be_missing_is_missing_from_all_that_is_found(
    store: Store, keys: list[int]
) -> None:
    plate = Mail(text="The plate as well.", at=NOON + 5 * HOUR)
    store.write(lambda tx: builders.message(tx, keys[1], plate))
    for typed in ("-plate", "(crack OR is:starred) -plate", "is:open -plate -qaraqul"):
        for _ in range(3):
            found = store.read(lambda conn, typed=typed: search.search(conn, typed, typing=False))  # type: ignore[misc]
            assert [row.id for row in found.conversations] == [keys[2], keys[0]]
            assert {hit.conversation_id for hit in found.messages} <= {keys[2], keys[0]}
            assert len(found.messages) == (2 if "crack" in typed else 0)
