"""What is said of channels: reply windows in the list, lengths and files, what did not arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain import approved_texts
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.states import Direction, Status
from desktop_inbox.services import channels
from desktop_inbox.services import conversations as actions
from desktop_inbox.services.channels import Way
from desktop_inbox.store import first_page
from desktop_inbox.ui.views import channel_checks, composer_words, outbox_words
from desktop_inbox.ui.views.composer_checks import Concern
from desktop_inbox.ui.views.row_words import chips_of
from tests.support.builders import NOON
from tests.support.scripted_chat import PAGER, TALK, ChatRoom, Wire, said
from tests.ui.views.sample import message

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def talk(chat_room: ChatRoom) -> Wire:
    return Wire(chat_room)


def window_chips(wire: Wire, *, left: timedelta) -> list[tuple[str, str]]:
    """The chips of the only conversation when so much of its window is left."""
    row = wire.only()
    assert row.reply_until is not None
    at = row.reply_until - left
    return [(one.text, one.tone) for one in chips_of(row, now=at) if one.icon == "hourglass"]


# In the list (rule M2)


def test_a_window_that_closes_soon_stands_in_the_list(talk: Wire) -> None:
    talk.bring(said("1"))
    assert window_chips(talk, left=3 * HOUR) == []
    assert window_chips(talk, left=HOUR) == [("Window 1 h", "warn")]
    assert window_chips(talk, left=-HOUR) == [("Window closed", "bad")]


def test_what_ends_first_stands_first_where_there_is_room_for_one(talk: Wire) -> None:
    talk.bring(said("1"))
    row = talk.only()
    until = row.reply_until
    assert until is not None
    now = until - HOUR
    for due, icons in ((until + HOUR, ["hourglass", "clock"]), (now, ["clock", "hourglass"])):
        chips = chips_of(row._replace(next_due_at=due, warn_at=None), now=now)
        assert [one.icon for one in chips][:2] == icons


def test_whom_nobody_owes_an_answer_is_not_called_urgent(talk: Wire) -> None:
    talk.bring(said("1", at=talk.room.now() - HOUR))
    row = talk.only()
    talk.room.answer(row.id, "Yes", at=None)
    answered = talk.only()._replace(waiting_since=None)
    assert answered.reply_until is not None
    for late in (-HOUR, HOUR):
        tones = [
            one.tone
            for one in chips_of(answered, now=answered.reply_until + late)
            if one.icon == "hourglass"
        ]
        assert tones == (["ok"] if late < timedelta(0) else ["plain"])


def test_a_closed_conversation_and_a_channel_without_a_window_say_nothing(
    chat_room: ChatRoom, talk: Wire
) -> None:
    talk.bring(said("1"))
    row = talk.only()
    chat_room.write(lambda tx: actions.set_status(tx, row.id, Status.CLOSED))
    (closed,) = chat_room.conversations("closed")
    assert closed.reply_until is not None
    assert not [one for one in chips_of(closed, now=NOON + 99 * DAY) if one.icon == "hourglass"]
    pager = Wire(chat_room, "pager")
    pager.bring(said("2", chat="p"))
    (other,) = chat_room.conversations("inbox")
    assert other.reply_until is None


def test_the_first_frame_reads_the_same_window(talk: Wire) -> None:
    talk.bring(said("1"))
    room = talk.room
    found = first_page.read(room.workspace.db.path, "inbox")
    assert found is not None
    assert [one.reply_until for one in found] == [talk.only().reply_until]


# Lengths and files


def way(info: Any, **more: Any) -> Way:
    return Way(account_id=1, kind=info.kind, title="Shop", label="elif", info=info, **more)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x" * 75, "25 left"),
        ("x" * 100, "0 left"),
        ("x" * 101, "1 character too many"),
        ("x" * 74, None),
    ],
)
def test_a_text_is_counted_near_its_limit(text: str, told: str | None) -> None:
    count = channel_checks.count(text, TALK)
    assert (count.text if count else None) == told


def test_octets_count_where_they_run_out_first() -> None:
    octets = replace(TALK, limits={"max_text": 100, "max_text_bytes": 100})
    count = channel_checks.count("ş" * 51, octets)
    assert count is not None
    assert (count.text, count.over) == ("2 characters too many", True)


def test_splitting_is_told_only_where_users_expect_it() -> None:
    assert channel_checks.count("x" * 20, PAGER) is None
    count = channel_checks.count("some words " * 4, PAGER)
    assert count is not None
    assert (count.text, count.over) == ("leaves as 3 messages", False)
    assert channel_checks.findings(way(PAGER), text="some words " * 4, files=()) == []


def test_more_messages_than_anybody_means_to_send_are_asked_about_first() -> None:
    assert channel_checks.findings(way(PAGER), text="x" * 20 * 5, files=()) == []
    (finding,) = channel_checks.findings(way(PAGER), text="x" * 20 * 6, files=())
    assert (finding.concern, finding.about) == (Concern.MANY_MESSAGES, "6")
    assert not finding.blocks
    assert "6 messages" in composer_words.concern(finding)


def test_parts_are_counted_in_octets_where_the_channel_does() -> None:
    octets = replace(PAGER, limits={"max_text": 20, "max_text_bytes": 20})
    count = channel_checks.count("ş" * 11, octets)
    assert count is not None
    assert count.text == "leaves as 2 messages"


def test_hostile_names_of_files_are_shown_as_they_are() -> None:
    file = {"name": "a\u202egnp.exe", "size": 10**9}
    (finding,) = channel_checks.findings(way(TALK), text="", files=[file])
    assert "\u202e" not in finding.about
    assert finding.blocks


# Approved texts


@given(st.lists(st.text(max_size=8), max_size=5), st.text(max_size=30))
def test_filling_in_leaves_no_gap_that_has_a_value(values: list[str], around: str) -> None:
    text = around.replace("{", "") + "".join(f"{{{{{n}}}}}" for n in range(1, 6))
    read = approved_texts.filled(text, values)
    assert approved_texts.gaps(text) == 5
    empty = [n for n in range(1, 6) if n > len(values) or not values[n - 1].strip()]
    if not any("{" in value for value in values):
        assert all((f"{{{{{n}}}}}" in read) == (n in empty) for n in range(1, 6))


def test_a_value_that_looks_like_a_gap_stays_a_value() -> None:
    assert approved_texts.filled("{{1}} {{ 2 }}", ["{{2}}", "x"]) == "{{2}} x"
    assert approved_texts.gaps("no {{name}} and no {{0}}") == 0


# What did not arrive (rule N)


def chat_message(**more: Any) -> outbox_words.DeliveryWords:
    row = message(1, direction=Direction.OUT, author_name="Ada", channel="telegram", **more)
    state = outbox_words.delivery(row, now=NOON)
    assert state is not None
    return state


@pytest.mark.parametrize(
    ("delivery", "icon", "tone"),
    [
        (Delivery.SENT, "check", "muted"),
        (Delivery.DELIVERED, "check-check", "muted"),
        (Delivery.READ, "check-check", "accent"),
    ],
)
def test_each_step_has_its_ticks(delivery: Delivery, icon: str, tone: str) -> None:
    state = chat_message(delivery=delivery)
    assert (state.icon, state.tone, state.actions) == (icon, tone, ())


@pytest.mark.parametrize(
    ("code", "action", "words"),
    [
        ("window_closed", "edit", "Try another way"),
        ("recipient", "edit", "Try another way"),
        ("too_large", "edit", "Edit"),
        ("media", "edit", "Edit"),
        ("invalid", "edit", "Edit"),
    ],
)
def test_a_refusal_has_the_services_words_and_one_thing_to_do(
    code: str, action: str, words: str
) -> None:
    detail = {"code": code, "text": "63016: outside the allowed window"}
    state = chat_message(delivery=Delivery.FAILED, delivery_detail=detail)
    assert state.actions == ((action, words),)
    assert state.detail.splitlines()[1] == "63016: outside the allowed window"
    assert "mail" not in state.detail


def test_what_was_accepted_and_not_delivered_says_why() -> None:
    detail = {"code": "recipient", "detail": "30003: unreachable"}
    state = chat_message(delivery=Delivery.RETURNED, delivery_detail=detail)
    assert state.text == "Not delivered"
    assert "30003: unreachable" in state.detail
    assert state.actions == (("another-way", "Try another way"),)


def test_nobody_is_offered_to_look_where_the_service_cannot_be_asked() -> None:
    blind = chat_message(delivery=Delivery.UNCERTAIN)
    assert [action for action, _words in blind.actions] == ["arrived", "again"]
    row = message(
        1, direction=Direction.OUT, author_name="", channel="twilio", delivery=Delivery.UNCERTAIN
    )
    asked = outbox_words.delivery(row, now=NOON)
    assert asked is not None
    assert [action for action, _words in asked.actions] == ["check", "arrived", "again"]


def test_every_reason_for_which_a_way_is_closed_has_words() -> None:
    from desktop_inbox.ui.views import channel_words

    reasons = {
        value for name, value in vars(channels).items() if name.isupper() and isinstance(value, str)
    } - {"email"}
    told = {channel_words.reason(one, way(TALK), NOON) for one in reasons}
    assert len(told) == len(reasons)
