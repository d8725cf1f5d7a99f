import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.messages import ParsedMessage
from desktop_inbox.domain.threading import (
    MAX_REFERENCES,
    chain,
    forward_subject,
    may_join,
    normalised_subject,
    reference_ids,
    reply_subject,
)


def test_the_likeliest_parent_is_named_first_c1() -> None:
    mail = ParsedMessage(message_id="d", in_reply_to=("c",), references=("a", "b", "c"))
    assert reference_ids(mail) == ("c", "b", "a")


def test_a_mail_that_names_itself_is_not_its_own_parent() -> None:
    mail = ParsedMessage(message_id="a", in_reply_to=("a",), references=("", "a"))
    assert reference_ids(mail) == ()


@pytest.mark.parametrize(
    "subject",
    [
        "Sipariş 1042",
        "Re: Sipariş 1042",
        "RE: AW: Sipariş 1042",
        "YNT: Re: Sipariş 1042",
        "İLT: Sipariş 1042",
        "Re[2]: [Kaya] Sipariş  1042",
        "回复：Sipariş 1042",
        "Fwd: WG: Sipariş 1042",
    ],
)
def test_prefixes_and_list_tags_do_not_change_the_subject_c3(subject: str) -> None:
    assert normalised_subject(subject) == "sipariş 1042"


@pytest.mark.parametrize("subject", ["Regarding 1042", "Ref 12", "Reminder: pay", "[tag]"])
def test_words_that_only_begin_like_a_prefix_stay(subject: str) -> None:
    assert normalised_subject(subject) == subject.casefold()


@given(st.text(max_size=200))
def test_an_answer_has_exactly_one_prefix(subject: str) -> None:
    assert reply_subject(reply_subject(subject)) == reply_subject(subject)
    assert normalised_subject(forward_subject(subject)) == normalised_subject(
        reply_subject(subject)
    )


def test_an_outsider_who_knows_an_id_does_not_join_c2() -> None:
    participants = {"ali@example.test"}
    assert may_join("ali@example.test", from_me=False, participants=participants)
    assert may_join("shop@shop.test", from_me=True, participants=participants)
    assert not may_join("eve@attacker.test", from_me=False, participants=participants)
    assert not may_join("", from_me=False, participants=participants)


@given(st.lists(st.text("abc123", min_size=1, max_size=6), max_size=300), st.text("xyz"))
def test_references_keep_the_root_and_the_branch_c6(ids: list[str], parent: str) -> None:
    references = chain(tuple(ids), parent)
    assert len(references) <= MAX_REFERENCES
    assert len(set(references)) == len(references)
    if ids:
        assert references[0] == ids[0]
    if parent and parent not in ids:
        assert references[-1] == parent
