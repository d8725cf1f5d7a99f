"""Who is meant in a note."""

from __future__ import annotations

from desktop_inbox.domain.mentions import handles, mentioned

PEOPLE = handles([("ada", "Ada Kaya"), ("can", "Can Öz"), ("can2", "Can Demir"), ("none", "")])


def test_a_first_name_is_enough_where_it_is_the_only_one() -> None:
    assert PEOPLE == {"@Ada": "ada", "@CanÖz": "can", "@CanDemir": "can2"}


def test_who_is_named_is_meant_once_and_in_order_in_any_case() -> None:
    assert mentioned("@CANDEMIR, ask @ada. @Ada knows", PEOPLE) == ("can2", "ada")


def test_letters_of_turkish_match_as_they_do_in_a_search() -> None:
    assert mentioned("@canöz", PEOPLE) == ("can",)


def test_an_address_and_a_stranger_are_no_mention() -> None:
    assert mentioned("mail x@ada.example or @adam, @nobody", PEOPLE) == ()
