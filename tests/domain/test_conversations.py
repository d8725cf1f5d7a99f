from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.domain.conversations import (
    bounded_time,
    reply_recipients,
    waiting_since,
)
from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.states import Direction

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWN = frozenset({"shop@kaya.test"})


def addresses(*names: str) -> tuple[Address, ...]:
    return tuple(Address(address=name) for name in names)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_somebody_waits_since_their_first_unanswered_message_a2() -> None:
    human = MessageClass.HUMAN
    log = [
        (at(0), Direction.IN, human),
        (at(1), Direction.OUT, human),
        (at(2), Direction.IN, human),
        (at(3), Direction.NOTE, human),
        (at(4), Direction.IN, human),
    ]
    assert waiting_since(log) == at(2)


def test_a_call_that_was_answered_is_a_reply_and_one_that_was_not_is_none_a2() -> None:
    asked = (at(0), Direction.IN, MessageClass.HUMAN)
    for direction in (Direction.IN, Direction.OUT):
        assert waiting_since([asked, (at(1), direction, MessageClass.SPOKEN)]) is None
        assert waiting_since([asked, (at(1), direction, MessageClass.UNREACHED)]) == at(0)


@pytest.mark.parametrize("kind", [MessageClass.AUTO_REPLY, MessageClass.BOUNCE_PERMANENT])
def test_nobody_waits_after_an_automatic_answer_d5(kind: MessageClass) -> None:
    assert waiting_since([(at(0), Direction.IN, kind)]) is None


@pytest.mark.parametrize(
    ("claimed", "counts"),
    [
        (None, NOON),
        (at(-10), at(-10)),
        (at(10), NOON),
        (datetime(1970, 1, 1, tzinfo=UTC), NOON - timedelta(hours=24)),
    ],
)
def test_a_sender_cannot_choose_a_place_in_the_list_a4(
    claimed: datetime | None, counts: datetime
) -> None:
    assert bounded_time(claimed, received=NOON) == counts


def test_an_answer_goes_to_reply_to_and_all_others_are_copied_when_asked() -> None:
    answer = reply_recipients(
        from_=addresses("ali@a.test"),
        reply_to=addresses("desk@a.test"),
        to=addresses("Shop@Kaya.test", "bob@a.test"),
        cc=addresses("desk@a.test", "cem@a.test"),
        own=OWN,
        everybody=True,
    )
    assert answer.to == addresses("desk@a.test")
    assert answer.cc == addresses("bob@a.test", "cem@a.test")


def test_an_answer_to_our_own_message_goes_to_whom_it_went_to() -> None:
    answer = reply_recipients(
        from_=addresses("shop@kaya.test"),
        reply_to=(),
        to=addresses("ali@a.test"),
        cc=addresses("bob@a.test"),
        own=OWN,
        everybody=True,
        from_me=True,
    )
    assert (answer.to, answer.cc) == (addresses("ali@a.test"), addresses("bob@a.test"))


mailboxes = st.lists(
    st.sampled_from(["ali@a.test", "ALI@a.test", "bob@a.test", "shop@kaya.test", ""]), max_size=4
).map(lambda names: addresses(*names))


@given(mailboxes, mailboxes, mailboxes, mailboxes, st.booleans(), st.booleans())
def test_nobody_outside_the_headers_is_ever_written_to(
    from_: tuple[Address, ...],
    reply_to: tuple[Address, ...],
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    everybody: bool,
    from_me: bool,
) -> None:
    answer = reply_recipients(
        from_=from_,
        reply_to=reply_to,
        to=to,
        cc=cc,
        own=OWN,
        everybody=everybody,
        from_me=from_me,
    )
    chosen = [normalise_email(address.address) for address in (*answer.to, *answer.cc)]
    named = {normalise_email(a.address) for a in (*from_, *reply_to, *to, *cc)}
    assert set(chosen) <= named - {""}
    assert len(chosen) == len(set(chosen))
    assert not OWN & {normalise_email(address.address) for address in answer.cc}
