"""Reading and writing searches (rule K): every word means something, or says why it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.folding import words
from desktop_inbox.domain.query import (
    Both,
    Either,
    Has,
    Node,
    Not,
    Number,
    Property,
    Query,
    TextField,
    Words,
    format_query,
    parse_query,
    values,
)
from desktop_inbox.domain.query.parsing import reads_as_plain_word


def _root(text: str, *, typing: bool = False) -> Node | None:
    return parse_query(text, typing=typing).root


def _word(*folded: str, where: TextField = TextField.ANY, prefix: bool = False) -> Words:
    return Words(words=folded, where=where, prefix=prefix)


def _has(name: str, value: str) -> Has:
    return Has(property=Property(name), value=value)


def test_operators_phrases_and_negation_k() -> None:
    assert _root('from:Elif has:attachment "iki tabak" -kırık is:open ', typing=True) == Both(
        (
            _word("elif", where=TextField.FROM),
            _has("has", "attachment"),
            _word("iki", "tabak"),
            Not(_word("kirik")),
            _has("is", "open"),
        )
    )


FIELDS = """
from:a to:a cc:a subject:a body:a note:a contact:a email:a phone:532 company:a channel:a account:a
tag:a status:open priority:high assignee:me has:attachment has:image has:note has:draft file:*.pdf
id:123 sla:breached sla:due<2h waiting:>4h created:2026-01..2026-03 before:2026 after:2026-03-04
last:7d lang:de is:unread is:snoozed is:starred is:automated is:failed is:scheduled
"""


def test_every_field_of_rule_k_is_read() -> None:
    for typed in FIELDS.split():
        query = parse_query(typed, typing=False)
        assert query.problems == (), typed
        assert isinstance(query.root, Has | Words), typed
        assert format_query(query) == typed


def test_or_binds_its_neighbours_before_words_next_to_each_other() -> None:
    a, b, c = _word("a"), _word("b"), _word("c")
    assert _root("a OR b c") == Both((Either((a, b)), c))
    assert _root("a (b OR c)") == Both((a, Either((b, c))))
    assert _root("(a b) OR c") == Either((Both((a, b)), c))
    assert _root("-(a OR b)") == Not(Either((a, b)))
    assert _root("NOT a AND b") == Both((Not(a), b))
    assert _root("--a") == a
    assert _root("a or b") == Both((a, _word("or"), b))


def test_only_the_word_being_typed_is_a_beginning() -> None:
    assert _root("blue mu", typing=True) == Both((_word("blue"), _word("mu", prefix=True)))
    assert _root("blue mu ", typing=True) == Both((_word("blue"), _word("mu")))
    assert _root("mu") == _word("mu")
    assert _root("mu* x") == Both((_word("mu", prefix=True), _word("x")))
    assert _root('"blue mu', typing=True) == _word("blue", "mu")


def test_a_telephone_number_is_one_thing_however_it_is_grouped() -> None:
    for typed in ("0532 123 45 67", "+90 (532) 123-4567", "05321234567", "(0532)1234567"):
        root = _root(typed)
        assert isinstance(root, Number), typed
        assert root.digits.endswith("5321234567")
    assert _root("12 34") == Both((_word("12"), _word("34")))
    assert _root("order 123456") == Both((_word("order"), _word("123456")))
    assert _root("kargo 0532 1234567 nerede") == Both(
        (_word("kargo"), Number(written="0532 1234567"), _word("nerede"))
    )


def test_an_unknown_field_is_words_and_names_what_may_have_been_meant() -> None:
    query = parse_query("crack statsu:open", typing=False)
    assert query.root == Both((_word("crack"), _word("statsu", "open")))
    (problem,) = query.problems
    assert (problem.code, problem.start, problem.end) == ("unknown-field", 6, 17)
    assert problem.values == {"name": "statsu", "nearest": "status"}


@pytest.mark.parametrize("typed", ["http://a.example/x", "Re:order", "12:30", "AW:Rechnung"])
def test_what_only_looks_like_a_field_is_no_mistake(typed: str) -> None:
    assert parse_query(typed, typing=False).problems == ()


@pytest.mark.parametrize(
    ("typed", "code", "place"),
    [
        ("status:opn", "bad-value", (0, 10)),
        ("x before:someday", "bad-value", (2, 16)),
        ("created:2026-13", "bad-value", (0, 15)),
        ("waiting:long", "bad-value", (0, 12)),
        ("id:abc", "bad-value", (0, 6)),
        ("order:1001", "not-held", (0, 10)),
        ("csat:<=2", "not-held", (0, 8)),
        ("has:order", "not-held", (0, 9)),
        ("note: below", "no-value", (0, 5)),
        ('a "b', "open-quote", (2, 4)),
        ("a (b", "open-group", (2, 3)),
        ("a) b", "stray-group", (1, 2)),
        ("a OR", "lone-or", (2, 4)),
        ("OR a", "lone-or", (0, 2)),
    ],
)
def test_a_mistake_is_told_with_its_place(typed: str, code: str, place: tuple[int, int]) -> None:
    (problem,) = parse_query(typed, typing=False).problems
    assert (problem.code, (problem.start, problem.end)) == (code, place)


@pytest.mark.parametrize(
    "typed", ["status:op", "is:", "before:20", "waiting:>", 'a "b', "(a", "a OR", "created:2026-"]
)
def test_what_is_half_typed_is_no_mistake_yet(typed: str) -> None:
    assert parse_query(typed, typing=True).problems == ()


def test_a_value_that_is_nearly_right_names_the_right_one() -> None:
    (problem,) = parse_query("status:opne ", typing=True).problems
    assert problem.values["nearest"] == "open"
    assert "snoozed" in problem.values["known"]


def test_more_words_than_can_be_searched_for_are_left_out_and_told() -> None:
    query = parse_query("w " * 40, typing=False)
    assert isinstance(query.root, Both)
    assert len(query.root.nodes) == 32
    assert [problem.code for problem in query.problems] == ["too-many-terms"]


@given(st.text(max_size=200) | st.from_regex(r'[-a-z0-9:"*() +<>.]{0,60}', fullmatch=True))
def test_whatever_is_typed_is_understood_somehow_and_can_be_written_out(text: str) -> None:
    for typing in (True, False):
        query = parse_query(text, typing=typing)
        assert all(leaf.words for leaf, _ in query.leaves() if isinstance(leaf, Words))
        assert all(0 <= one.start < one.end <= len(text) for one in query.problems)
        written = format_query(query)
        assert parse_query(written, typing=False).root == query.root


_WORD = st.text("abzçışö0159配ß", min_size=1, max_size=6).map(words).filter(bool)
_LEAVES = (
    st.builds(Words, words=_WORD, where=st.sampled_from(TextField), prefix=st.booleans())
    | st.builds(
        Number,
        written=st.sampled_from(["0532 123 45 67", "+90 532 1234567", "5321234567", "2026-01-05"]),
        prefix=st.booleans(),
    )
    | st.builds(
        Has,
        property=st.sampled_from([Property.TAG, Property.FILE, Property.ACCOUNT]),
        value=st.sampled_from(["refund", "*.pdf", "iade oldu", "a-b", "-x", "x:y", "<3", "配送"]),
    )
    | st.sampled_from(
        [
            _has("is", "unread"),
            _has("status", "closed"),
            _has("created", "2026-01..2026-03"),
            _has("waiting", ">4h"),
            _has("sla", "due<2h"),
            _has("contact", "eli*"),
            _has("phone", "5321234567"),
        ]
    )
)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=3)
    return (
        several.map(lambda some: Both(tuple(_flat(some, Both))))
        | several.map(lambda some: Either(tuple(_flat(some, Either))))
        | nodes.map(lambda one: one if isinstance(one, Not) else Not(one))
    )


def _flat(nodes: list[Node], kind: type[Both] | type[Either]) -> list[Node]:
    return [one for node in nodes for one in (node.nodes if isinstance(node, kind) else [node])]


@given(st.recursive(_LEAVES, _grown, max_leaves=12))
def test_what_is_written_out_is_read_back_the_same(root: Node) -> None:
    written = format_query(Query(root=root))
    assert parse_query(written, typing=False) == Query(root=root)


def test_a_word_of_digits_is_quoted_so_that_it_is_not_taken_for_a_number() -> None:
    assert not reads_as_plain_word("5321234567")
    assert format_query(Query(root=_word("5321234567"))) == '"5321234567"'


NOW = datetime(2026, 9, 23, 12, 0, tzinfo=UTC)
ISTANBUL = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("2026", "2025-12-31T21:00", "2026-12-31T21:00"),
        ("2026-01", "2025-12-31T21:00", "2026-01-31T21:00"),
        ("2026-12", "2026-11-30T21:00", "2026-12-31T21:00"),
        ("2026-02-03", "2026-02-02T21:00", "2026-02-03T21:00"),
        ("2026-01..2026-03", "2025-12-31T21:00", "2026-03-31T21:00"),
        ("2026-01..", "2025-12-31T21:00", None),
        ("..2026-03", None, "2026-03-31T21:00"),
        ("today", "2026-09-22T21:00", "2026-09-23T21:00"),
        ("yesterday", "2026-09-21T21:00", "2026-09-22T21:00"),
        ("7d", "2026-09-16T12:00", None),
    ],
)
def test_days_are_those_of_where_one_is(value: str, start: str | None, end: str | None) -> None:
    def moment(text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)

    span = values.days(value, now=NOW, zone=ISTANBUL)
    assert span == values.Days(moment(start), moment(end))


@given(st.text("0123456789-.dhmowy<>=", max_size=14))
def test_a_value_is_understood_exactly_where_it_means_something(value: str) -> None:
    for asked in (Property.CREATED, Property.BEFORE):
        if values.is_understood(asked, value):
            assert values.days(value, now=NOW, zone=ISTANBUL) is not None
    assert values.is_understood(Property.WAITING, value) == (values.compared(value) is not None)
    assert values.is_understood(Property.LAST, value) == (values.length(value) is not None)
