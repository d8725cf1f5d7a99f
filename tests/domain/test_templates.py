from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.templates import render, unresolved


def test_a_value_a_fallback_and_a_missing_one_f1() -> None:
    rendered = render(
        "Hello {{contact.first_name|there}}, {{ me.name }}, {{order.number}}",
        {"me.name": "Selin"},
    )
    assert rendered.text == "Hello there, Selin, {{order.number}}"
    assert rendered.missing == ("order.number",)
    assert unresolved(rendered.text) == ((20, 36),)


def test_a_customer_named_like_a_variable_reveals_nothing() -> None:
    values = {"contact.name": "{{me.email}}", "me.email": "secret@kaya.test"}
    assert render("Hi {{contact.name}}", values).text == "Hi {{me.email}}"


def test_places_to_fill_in_as_other_programs_write_them_block_sending() -> None:
    for text in ("{% if x %}", "#{ticket}", "{{", "{{a b}}"):
        assert unresolved(text), text
    assert unresolved("costs {12} or 5 % {off}") == ()


@given(st.text("{}|%#. ab", max_size=60))
def test_text_without_variables_stays_as_it_is(text: str) -> None:
    if not unresolved(text):
        assert render(text, {}).text == text
