"""Search: what is found, in which order, shown how, whatever is typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_inbox.domain.conversations import Status
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.states import Direction
from desktop_inbox.store import conversations, drafts, events, message_index, search
from desktop_inbox.store.conversations import ListQuery
from desktop_inbox.store.database import Tx
from desktop_inbox.store.search import SearchResult
from tests.store.conftest import Store
from tests.support import builders
from tests.support.builders import NOON, Mail

MINA = Address(name="Mina Okafor", address="mina@orders.example")
IGDIR = Address(name="Işıl Çağrı", address="isil@igdir.example")
KENJI = Address(name="山田 健二", address="kenji@orders.example")

MAILS = (
    ("glaze", Mail(subject="Cracked glaze", text="A crack along the rim of bowl 1234.", who=MINA)),
    (
        "kargo",
        Mail(
            subject="Kargo nerede?",
            text="İSTANBUL'a gönderilen kargo hâlâ gelmedi, Iğdır şubesinde mi?",
            who=IGDIR,
            seen=False,
        ),
    ),
    ("japan", Mail(subject="配送について", text="東京への配送はいつですか。", who=KENJI)),
    (
        "invoice",
        Mail(
            subject="Rechnung",
            text="Die Straße heißt Größenweg. The invoice, please: ﬁnal version.",
            who=MINA,
            attachments=("invoice.pdf",),
        ),
    ),
)


@pytest.fixture
def desk(store: Store) -> dict[str, int]:
    def fill(tx: Tx) -> dict[str, int]:
        account_id = builders.account(tx, title="Shop")
        found = {}
        for hour, (name, mail) in enumerate(MAILS):
            key = builders.conversation(tx, subject=mail.subject, who=mail.who)
            at = NOON + timedelta(hours=hour)
            dated = replace(mail, at=at)
            builders.message(tx, key, dated, account_id=account_id)
            found[name] = key
        return found

    return store.write(fill)


def _search(store: Store, typed: str, *, typing: bool = True) -> SearchResult:
    return store.read(lambda conn: search.search(conn, typed, typing=typing))


def _names(store: Store, desk: dict[str, int], typed: str, *, typing: bool = True) -> list[str]:
    by_id = {key: name for name, key in desk.items()}
    return [by_id[row.id] for row in _search(store, typed, typing=typing).conversations]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("crack", ["glaze"]),
        ("CRACKED", ["glaze"]),
        ("cra", ["glaze"]),  # while typing
        ("istanbul", ["kargo"]),
        ("ıstanbul", ["kargo"]),
        ("ığdır", ["kargo"]),
        ("IĞDIR", ["kargo"]),
        ("igdir subesi", ["kargo"]),
        ("配送", ["japan"]),
        ("京へ", ["japan"]),
        ("送配", []),
        ("grossenweg", ["invoice"]),
        ("final", ["invoice"]),
        ('"along the rim"', ["glaze"]),
        ('"the along rim"', []),
        ("rim bowl", ["glaze"]),
        ("rim -bowl", []),
        ("-crack", ["invoice", "japan", "kargo"]),
        ("subject:rechnung", ["invoice"]),
        ("subject:rim", []),
        ("from:okafor", ["invoice", "glaze"]),
        ("from:mina@orders.example", ["invoice", "glaze"]),
        ("body:rechnung", []),
        ("is:unread", ["kargo"]),
        ("-is:unread", ["invoice", "japan", "glaze"]),
        ("is:read invoice", ["invoice"]),
        ("has:attachment", ["invoice"]),
        ("from:mina -has:attachment", ["glaze"]),
        ("is:nonsense", []),
        ("status:open crack", ["glaze"]),
        ("status:closed crack", []),
        ("channel:shop crack", ["glaze"]),
        ("channel:email crack", ["glaze"]),
        ("channel:telegram", []),
        ("1234", ["glaze"]),
        ("nothing like it", []),
        ("", []),
        ("   ", []),
    ],
)
def test_what_is_typed_finds(
    store: Store, desk: dict[str, int], typed: str, expected: list[str]
) -> None:
    """Rule K."""
    assert _names(store, desk, typed) == expected


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Invoice 7.PDF", "file:invoice"),
        ("Invoice 7.PDF", "file:*.pdf"),
        ("İADE formu.pdf", "file:iade"),
        ("Straße.doc", "file:strasse"),
        ("two  words.txt", 'file:"two words"'),
        (" edge.txt", "file:edge*"),
        ("scan[1].png", "file:scan[1]"),
    ],
)
def test_a_file_is_found_by_its_name_however_it_is_written(
    store: Store, name: str, typed: str
) -> None:
    def fill(tx: Tx) -> int:
        key = builders.conversation(tx, who=MINA)
        builders.message(tx, key, Mail(text="See the file.", who=MINA, attachments=(name,)))
        other = builders.conversation(tx, who=MINA)
        builders.message(tx, other, Mail(text="See.", who=MINA, attachments=("other.odt",)))
        return key

    key = store.write(fill)
    assert [row.id for row in _search(store, typed).conversations] == [key]


def test_the_last_word_is_whole_once_nobody_types(store: Store, desk: dict[str, int]) -> None:
    assert _names(store, desk, "cra") == ["glaze"]
    assert _names(store, desk, "cra", typing=False) == []
    assert _names(store, desk, "cra*", typing=False) == ["glaze"]


def test_the_newest_messages_come_first_and_the_rest_is_counted(store: Store) -> None:
    store.write(lambda tx: builders.fill(tx, conversation_count=30, messages_each=1))
    found = store.read(lambda conn: search.search(conn, "customer", limit=5))
    assert len(found.messages) == 5
    assert [hit.id for hit in found.messages] == sorted(
        (hit.id for hit in found.messages), reverse=True
    )
    assert found.total == 30


def test_counting_stops_somewhere(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COUNTED", 7)
    store.write(lambda tx: builders.fill(tx, conversation_count=10, messages_each=1))
    assert _search(store, "customer").total == 7


def test_customers_are_found_by_name_and_address(store: Store, desk: dict[str, int]) -> None:
    del desk
    for typed in ("okaf", "mina@orders.example", "isil", "cagri", "健二"):
        assert len(_search(store, typed).customers) == 1, typed
    assert len(_search(store, "orders").customers) == 2
    assert _search(store, "is:unread").customers == ()


def test_a_snippet_shows_the_first_hit_and_marks_every_one(
    store: Store, desk: dict[str, int]
) -> None:
    del desk
    (hit,) = _search(store, "istanbul igdir").messages
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["İSTANBUL", "Iğdır"]
    (hit,) = _search(store, "配送").messages
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["配送"]


def test_a_snippet_of_a_long_text_is_one_short_line_around_the_hit(store: Store) -> None:
    long = ("word " * 3000) + "needle\n\nin the haystack " + ("word " * 3000)
    store.write(lambda tx: builders.message(tx, builders.conversation(tx), Mail(text=long)))
    (hit,) = _search(store, "needle").messages
    assert hit.snippet.startswith("…word")
    assert "needle in the haystack" in hit.snippet
    assert len(hit.snippet) < 250


def test_a_hit_in_the_subject_shows_how_the_message_begins(
    store: Store, desk: dict[str, int]
) -> None:
    del desk
    (hit,) = _search(store, "rechnung").messages
    assert hit.snippet.startswith("Die Straße")
    assert hit.marks == ()


def test_a_tag_and_a_draft_can_be_asked_for(store: Store, desk: dict[str, int]) -> None:
    def write(tx: Tx) -> None:
        rows = conversations.rows(tx.conn, desk.values())
        events.record(
            tx,
            "test",
            [
                FieldChange("tag", "t", "name", None, "Großkunde"),
                FieldChange("conversation", rows[desk["glaze"]].uid, "tag:t", None, True),
            ],
        )
        drafts.save(tx, drafts.NewDraft(conversation_id=desk["kargo"], body="Merhaba"))

    store.write(write)
    assert _names(store, desk, "tag:großkunde") == ["glaze"]
    assert _names(store, desk, "tag:Großkunde crack") == ["glaze"]
    assert _names(store, desk, '-tag:"großkunde" is:read') == ["invoice", "japan"]
    assert _names(store, desk, "has:draft") == ["kargo"]


def test_a_merged_conversation_is_found_under_its_end(store: Store, desk: dict[str, int]) -> None:
    def write(tx: Tx) -> None:
        rows = conversations.rows(tx.conn, desk.values())
        change = FieldChange(
            "conversation", rows[desk["glaze"]].uid, "merged_into", None, rows[desk["kargo"]].uid
        )
        events.record(tx, "conversation.merge", [change])

    store.write(write)
    assert _names(store, desk, "crack") == ["kargo"]
    assert _names(store, desk, "status:open") == ["invoice", "japan", "kargo"]


def test_spam_is_found_when_asked_for(store: Store) -> None:
    def write(tx: Tx) -> None:
        key = builders.conversation(tx, status=Status.SPAM)
        builders.message(tx, key, Mail(text="Buy gold"))

    store.write(write)
    assert len(_search(store, "is:spam").conversations) == 1
    assert len(_search(store, "gold is:spam").conversations) == 1


def test_a_message_indexed_again_is_found_by_its_new_words_only(store: Store) -> None:
    def write(tx: Tx) -> None:
        key = builders.message(tx, builders.conversation(tx), Mail(text="headers only"))
        entry = message_index.Indexed(message_id=key, subject="s", sender="p", body="whole now")
        message_index.put(tx, [entry])

    store.write(write)
    assert len(_search(store, "whole").messages) == 1
    assert _search(store, "headers").messages == ()


HOSTILE = [
    '"', '""', "'", "*", "-", "--", "-*", "(", ")", "()", "AND", "OR", "NOT", "NEAR(a b)",
    "a AND", "NOT a", '"a" OR', "a*b*", "^a", "subject:", "subject:*", ":", "::", "{a}", "[a]",
    "a + b", "a^2", "\\", "%", "_", ";", "; DROP TABLE message", "\x00", "a\x00b", "\ud800",
    "\u202e", "is:", "-is:", "tag:", 'tag:"', "has:\x00", "rowid:1", "message_fts:a", "-\"", "- a",
    "ﷺ", "İ", "ß" * 300, "a " * 2000, '"' * 500, "(" * 500, "é" * 10000, "\U0001f3fa",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_find_something_or_nothing(store: Store, typed: str) -> None:
    store.write(lambda tx: builders.fill(tx, conversation_count=2, messages_each=1))
    assert _search(store, typed).total >= 0
    assert _search(store, typed, typing=False).total >= 0
    store.read(lambda conn: conversations.ids(conn, ListQuery(view="all", text=typed)))


@given(typed=st.text(max_size=60) | st.from_regex(r'[-a-z:"*() ]{0,40}', fullmatch=True))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_query_ever_raises(store: Store, typed: str) -> None:
    assert _search(store, typed).total >= 0
    store.read(lambda conn: conversations.ids(conn, ListQuery(text=typed)))


def test_searching_inside_a_view_keeps_to_it(store: Store, desk: dict[str, int]) -> None:
    found = store.read(
        lambda conn: conversations.ids(conn, ListQuery(view="inbox", text="crack", unread=True))
    )
    assert list(found) == []
    found = store.read(lambda conn: conversations.ids(conn, ListQuery(text="crack")))
    assert list(found) == [desk["glaze"]]


def test_a_sent_answer_is_found_too(store: Store) -> None:
    answer = Mail(direction=Direction.OUT, text="We shall send a new bowl")
    store.write(lambda tx: builders.message(tx, builders.conversation(tx), answer))
    assert len(_search(store, "new bowl").messages) == 1
