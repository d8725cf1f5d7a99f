"""One or two letters find what the index finds, without asking it for half of all messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event

from desktop_inbox.domain.folding import words
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.query import parse_query
from desktop_inbox.store import beginnings, conversations, database, search
from desktop_inbox.store.beginnings import Begun, begun
from desktop_inbox.store.conversations import ListQuery
from desktop_inbox.store.database import Database, Tx
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail

PEOPLE = (
    Address(name="Mina Okafor", address="mina@orders.example"),
    Address(name="Işıl Çağrı", address="isil@igdir.example"),
    Address(name="山田 健二", address="kenji@orders.example"),
)
TEXTS = (
    "A crack along the rim of bowl 1234, under_scored",
    "İSTANBUL'a gönderilen kargo hâlâ gelmedi, Iğdır şubesinde mi?",
    "東京への配送はいつですか。",
    "Die Straße heißt Größenweg: ﬁnal version, zwölf Stück",
    "x" * 500 + " yarn\n\nand a long tail " + "word " * 300 + "zebra",
    "",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of mail in several scripts."""
    db = Database.open(tmp_path_factory.mktemp("beginnings") / "workspace.db")

    def fill(tx: Tx) -> None:
        account_id = builders.account(tx)
        for number, text in enumerate(TEXTS * 2):
            who, at = PEOPLE[number % 3], NOON + timedelta(hours=number)
            key = builders.conversation(tx, subject=f"Thema {number}", who=who, at=at)
            builders.message(
                tx, key, Mail(text=text, who=who, at=at, subject=f"Thema {number}"),
                account_id=account_id,
            )  # fmt: skip

    store = Store(db)
    store.write(fill)
    # Both readers at work, so that no test seems to leave one behind.
    met = threading.Barrier(database.READERS, timeout=10)
    for reading in [db.read(lambda _: met.wait()) for _ in range(database.READERS)]:
        reading.result(10)
    yield store
    db.close()


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is in one of two messages count as common."""
    monkeypatch.setattr(beginnings, "_SAMPLE", 2)
    monkeypatch.setattr(beginnings, "_COMMON", 0)


def beginning(text: str) -> set[str]:
    return {word[:length] for word in words(text) for length in (1, 2)}


LETTERS = sorted(
    set[str]().union(*map(beginning, (*TEXTS, "Thema 1 10", *map(str, PEOPLE)))) | {"q", "zz"}
)


def found(store: Store, typed: str) -> tuple[list[int], list[int]]:
    """Return what a list and a search find for it."""
    query = ListQuery(view="all", text=typed)
    listed = store.read(lambda conn: conversations.ids(conn, query, limit=50))
    hits = store.read(lambda conn: search.search(conn, typed)).messages
    return list(listed), [hit.id for hit in hits]


def test_looking_finds_what_the_index_finds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    by_index = {letters: found(store, letters) for letters in LETTERS}
    monkeypatch.setattr(beginnings, "_SAMPLE", 2)
    monkeypatch.setattr(beginnings, "_COMMON", 0)
    assert {letters: found(store, letters) for letters in LETTERS} == by_index
    assert len(by_index["z"][0]) == 4


@pytest.mark.parametrize(
    "typed", ["crack r", "crack zz", "kargo -rim g", "from:mina 1", "s is:open"]
)
@pytest.mark.usefixtures("looked_at")
def test_other_words_and_wishes_stand_beside_a_beginning(store: Store, typed: str) -> None:
    monkeypatch = pytest.MonkeyPatch()
    looked = found(store, typed)
    monkeypatch.setattr(beginnings, "LONGEST", 0)
    try:
        assert looked == found(store, typed)
    finally:
        monkeypatch.undo()


@pytest.mark.usefixtures("looked_at")
def test_the_index_is_not_asked_for_a_common_beginning(store: Store) -> None:
    asked: list[str] = []

    def look(conn: object) -> None:
        def note(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(conn, "before_cursor_execute", note)
        try:
            conversations.ids(conn, ListQuery(view="all", text="t"), limit=5)  # type: ignore[arg-type]
            search.search(conn, "t")  # type: ignore[arg-type]
        finally:
            event.remove(conn, "before_cursor_execute", note)

    store.read(look)
    assert asked
    assert not any("message_fts MATCH" in one for one in asked)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("k", Begun("k")),
        ("ş", Begun("s")),
        ("ka", Begun("ka")),
        ("kar", None),
        ("k ", None),  # it is a whole word now
        ("kargo k", Begun("k", '"kargo"')),
        ("kargo -rim k", Begun("k", '(("kargo") NOT "rim")')),
        ("subject:k", None),
        ("k*", Begun("k")),
        ("k* r", None),
        ("k OR r", None),
        ("-rim k", None),
    ],
)
def test_what_is_a_beginning(typed: str, expected: Begun | None) -> None:
    root = parse_query(typed).root
    assert root is not None
    assert begun(root) == expected
