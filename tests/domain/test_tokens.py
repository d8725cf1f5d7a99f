"""Names that prove themselves: only whoever has the key makes one (rule C1)."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain import tokens
from desktop_inbox.domain.sendable import sendable

KEY = b"k" * tokens.KEY_BYTES
OTHER_KEY = b"o" * tokens.KEY_BYTES
uids = st.uuids().map(str)


@given(conversation=uids, attempt=uids, upper=st.booleans())
def test_our_message_id_names_its_conversation_c1b(
    conversation: str, attempt: str, upper: bool
) -> None:
    name = tokens.message_id(KEY, conversation=conversation, attempt=attempt, domain="shop.test")
    assert len(name) < 100
    assert tokens.read_message_id(KEY, name.upper() if upper else name) == tokens.OwnId(
        conversation=conversation, attempt=attempt
    )
    assert tokens.read_message_id(OTHER_KEY, name) is None


@given(conversation=uids)
def test_our_reply_address_names_its_conversation_c1a(conversation: str) -> None:
    marked = tokens.reply_address(KEY, "shop@shop.test", conversation=conversation)
    assert sendable(marked).ok
    assert tokens.read_address(KEY, marked) == tokens.OwnAddress(
        plain="shop@shop.test", conversation=conversation
    )
    assert tokens.without_token(marked) == "shop@shop.test"
    assert tokens.read_address(OTHER_KEY, marked) is None


def test_a_name_that_leaves_no_room_gets_no_token() -> None:
    assert tokens.reply_address(KEY, f"{'x' * 30}@shop.test", conversation=str(uuid.uuid4())) == ""


@given(conversation=uids)
def test_a_subject_token_survives_what_mail_programs_do_to_subjects_c1e(conversation: str) -> None:
    mark = tokens.subject_token(KEY, conversation=conversation)
    found = tokens.read_subject(KEY, f"AW: Re: Blue mug {mark.upper()} (fwd)")
    assert conversation.startswith(found)
    assert len(found) == 11
    assert tokens.read_subject(OTHER_KEY, mark) == ""
    assert tokens.without_subject_token(f"Re: Blue {mark} mug") == "Re: Blue mug"


@given(conversation=uids, attempt=uids, place=st.integers(0, 69), letter=st.sampled_from("a7z"))
def test_a_changed_letter_proves_nothing(
    conversation: str, attempt: str, place: int, letter: str
) -> None:
    name = tokens.message_id(KEY, conversation=conversation, attempt=attempt, domain="shop.test")
    forged = name[:place] + letter + name[place + 1 :]
    read = tokens.read_message_id(KEY, forged)
    # The last letter of each part bears bits that say nothing.
    assert read is None or read == tokens.OwnId(conversation=conversation, attempt=attempt)


def test_what_proves_one_thing_does_not_prove_another() -> None:
    conversation = str(uuid.uuid4())
    name = tokens.message_id(KEY, conversation=conversation, attempt=conversation, domain="x.test")
    parts = name.partition("@")[0].split(".")
    assert tokens.read_address(KEY, f"shop+r{(parts[0] + parts[2])[:39]}@shop.test") is None


@given(st.text(max_size=300))
def test_nothing_a_stranger_writes_makes_reading_fail(text: str) -> None:
    assert tokens.read_message_id(KEY, text) is None
    assert tokens.read_address(KEY, text) is None
    assert tokens.read_subject(KEY, text) == ""
    tokens.without_token(text)
    tokens.without_subject_token(text)
