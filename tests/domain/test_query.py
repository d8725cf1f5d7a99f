from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.query import Has, Property, TextField, Words, parse_query


def test_operators_phrases_and_negation_k() -> None:
    query = parse_query('from:Elif has:attachment "iki tabak" -kırık is:open ', typing=True)
    assert query.words == (
        Words(words=("elif",), where=TextField.PEOPLE),
        Words(words=("iki", "tabak")),
        Words(words=("kirik",), negated=True),
    )
    assert query.properties == (
        Has(property=Property.HAS, value="attachment"),
        Has(property=Property.IS, value="open"),
    )


def test_only_the_word_being_typed_is_a_beginning() -> None:
    assert [word.prefix for word in parse_query("blue mu").words] == [False, True]
    assert [word.prefix for word in parse_query("blue mu ").words] == [False, False]
    assert [word.prefix for word in parse_query("mu", typing=False).words] == [False]
    assert [word.prefix for word in parse_query("mu* x", typing=False).words] == [True, False]


def test_an_unknown_operator_is_a_word() -> None:
    assert parse_query("note: below ").words[0].words == ("note",)
    assert parse_query("foo:bar ").words[0].words == ("foo", "bar")


@given(st.text(max_size=200))
def test_whatever_is_typed_is_understood_somehow(text: str) -> None:
    query = parse_query(text)
    assert all(word.words for word in query.words)
