"""Templates: what is filled in, what stays, and that hostile ones cost nothing (rule F1)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.templates import names, render, unresolved


def test_a_value_a_fallback_and_a_missing_one_f1() -> None:
    rendered = render(
        "Hello {{contact.first_name|there}}, {{ me.name }}, {{order.number}}",
        {"me.name": "Selin"},
    )
    assert rendered.text == "Hello there, Selin, {{order.number}}"
    assert rendered.missing == ("order.number",)
    assert unresolved(rendered.text) == ((20, 36),)


def test_an_empty_fallback_leaves_the_place_empty() -> None:
    assert render("Dear {{contact.name|}}!", {}).text == "Dear !"


def test_a_customer_named_like_a_variable_reveals_nothing() -> None:
    values = {"contact.name": "{{me.email}}", "me.email": "secret@kaya.test"}
    assert render("Hi {{contact.name}}", values).text == "Hi {{me.email}}"


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        ("contact.company", "yes"),
        ("not contact.company", "no"),
        ("contact.company == 'Ibrik'", "yes"),
        ('contact.company != "Ibrik"', "no"),
        ("not contact.company == 'Ibrik'", "no"),
        ("contact.phone", "no"),
        ("contact.phone != 'x'", "yes"),
    ],
)
def test_one_side_of_a_block_stays(condition: str, chosen: str) -> None:
    body = f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"
    rendered = render(body, {"contact.company": "Ibrik"})
    assert (rendered.text, rendered.missing) == (chosen, ())


def test_blocks_nest_and_their_lines_go_with_them() -> None:
    body = (
        "Hello\n"
        "{% if a %}\n"
        "  A\n"
        "  {% if b %}\n"
        "  B\n"
        "  {% endif %}\n"
        "{% else %}\n"
        "  none\n"
        "{% endif %}\n"
        "Bye"
    )
    assert render(body, {"a": "1", "b": "1"}).text == "Hello\n  A\n  B\nBye"
    assert render(body, {"a": "1"}).text == "Hello\n  A\nBye"
    assert render(body, {"b": "1"}).text == "Hello\n  none\nBye"


def test_what_is_missing_on_the_side_that_goes_is_not_missed() -> None:
    assert render("{% if a %}{{order.number}}{% endif %}.", {}).missing == ()


def test_a_prompt_is_asked_for_in_a_text_and_in_a_condition() -> None:
    body = "{% if prompt.gift %}Wrapped. {% endif %}No: {{prompt.tracking number}}"
    assert render(body, {}).missing == ("prompt.gift", "prompt.tracking number")
    answered = {"prompt.gift": "", "prompt.tracking number": "YK 4471"}
    assert render(body, answered).text == "No: YK 4471"
    assert render(body, answered).missing == ()


def test_the_cursor_stops_where_the_template_says() -> None:
    rendered = render("Hi {{x}}, {% cursor %}\nBye{% cursor %}", {"x": "Ayşe"})
    assert rendered.text == "Hi Ayşe, \nBye"
    assert rendered.caret == len("Hi Ayşe, ")
    assert render("no stop", {}).caret is None
    assert render("{% if x %}{% cursor %}{% endif %}", {}).caret is None


@pytest.mark.parametrize(
    "body",
    [
        "{% if a %}never ended",
        "{% endif %}",
        "{% else %}",
        "{% for x in y %}",
        "{% if __import__('os') %}x{% endif %}",
        "{% if a == b %}x{% endif %}",
        "{{ me.__class__ }}",
        "{{7*7}}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_what_is_no_template_is_left_standing_and_blocks_sending(body: str) -> None:
    rendered = render(body, {"a": "1", "b": "1"})
    assert rendered.text == body
    assert unresolved(rendered.text)


def test_what_a_template_mentions_is_named() -> None:
    body = "{{contact.name|x}} {{date.+3d}} {% if prompt.Gift wrap? == 'yes' %}{% endif %}{{7*7}}"
    assert names(body) == {"contact.name", "date.+3d", "prompt.Gift wrap?"}


def test_places_to_fill_in_as_other_programs_write_them_block_sending() -> None:
    for text in ("{% if x %}", "#{ticket}", "{{", "{{a b}}", "{%", "#{", "{%x%}"):
        assert unresolved(text), text
    assert unresolved("costs {12} or 5 % {off}") == ()


@given(st.text("{}|%#. ab", max_size=60))
def test_text_without_variables_stays_as_it_is(text: str) -> None:
    if not unresolved(text):
        assert render(text, {}).text == text


_TAGS = ("if a", "if not b", "if a == 'v'", "else", "endif", "cursor", "other")
_PIECES = st.sampled_from(
    [
        *(f"{{% {tag} %}}" for tag in _TAGS),
        *["{{a}}", "{{b}}", "{{b|c}}", "{{", "}}", "{%", "%}", "x", "é"],
        "\n",
        " ",
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join), st.sampled_from(["", "v"]))
def test_whatever_is_written_is_filled_in_or_said_to_be_missing(body: str, value: str) -> None:
    rendered = render(body, {"a": value})
    assert rendered.caret is None or 0 <= rendered.caret <= len(rendered.text)
    assert all(f"{{{{{name}}}}}" in rendered.text for name in rendered.missing)
    if rendered.missing:
        assert unresolved(rendered.text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_value_goes_in_unchanged_whatever_it_holds(before: str, value: str) -> None:
    safe = before.replace("{", "").replace("}", "")
    expected = safe + (value or "{{contact.name}}")
    assert render(safe + "{{contact.name}}", {"contact.name": value}).text == expected


@pytest.mark.parametrize(
    "piece",
    ["{{", "{%", "{% if a %}", "{{a|", " ", "\t{%", "{% if " + " " * 50, "{{a}}", "{% endif %}"],
)
def test_hostile_templates_take_time_in_proportion_to_their_size(piece: str) -> None:
    body = "{{" + piece * (300_000 // len(piece))
    started = time.perf_counter()
    unresolved(render(body, {"a": "x"}).text)
    assert time.perf_counter() - started < 2
