"""What is told, how loudly and how often (rules L1, L2, B11, B14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_inbox.domain import business_hours
from desktop_inbox.domain.messages import MessageClass
from desktop_inbox.domain.notices import (
    BETWEEN_SOUNDS,
    GROUP_FROM,
    USUAL,
    Arrival,
    Decision,
    Family,
    Happened,
    Kind,
    Level,
    OutOfHours,
    QuietHours,
    Session,
    Watched,
    Wishes,
    account_is_due,
    is_news,
)
from desktop_inbox.domain.states import Direction, Status

ISTANBUL = ZoneInfo("Europe/Istanbul")
START = datetime(2026, 11, 18, 9, 0, tzinfo=ISTANBUL)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NIGHT = QuietHours(start=time(22), end=time(8))


def happened(number: int = 1, kind: Kind = Kind.EMAIL, **changed: object) -> Happened:
    made = Happened(
        kind=kind, key=f"{kind}:{number}", at=START + MINUTE, conversation_id=number, who="Mina"
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def arrival(**changed: object) -> Arrival:
    made = Arrival(
        happened=happened(),
        direction=Direction.IN,
        message_class=MessageClass.HUMAN,
        seen=False,
        status=Status.OPEN,
        mine=False,
        nobodys=True,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def news(one: Arrival, watched: Watched = Watched.INBOX) -> bool:
    return is_news(one, started=START, watched=watched)


def decide(
    session: Session, *what: Happened, at: datetime = START + 2 * MINUTE, **wished: object
) -> Decision:
    return session.decide(what, wishes=Wishes(**wished), now=at)  # type: ignore[arg-type]


# What is news


def test_a_new_message_of_a_person_is_news() -> None:
    assert news(arrival())


@pytest.mark.parametrize("before", [16 * MINUTE, timedelta(days=400)])
def test_history_that_a_sync_brings_is_none(before: timedelta) -> None:
    assert not news(arrival(happened=happened(at=START - before)))


def test_what_came_in_a_quarter_of_an_hour_before_the_start_is_still_news() -> None:
    assert news(arrival(happened=happened(at=START - 14 * MINUTE)))


@pytest.mark.parametrize("kind", sorted(set(MessageClass) - {MessageClass.HUMAN}))
def test_what_no_person_wrote_is_none(kind: MessageClass) -> None:
    assert not news(arrival(message_class=kind))


@pytest.mark.parametrize(
    "changed",
    [
        {"direction": Direction.OUT},
        {"direction": Direction.NOTE},
        {"seen": True},
        *({"status": status} for status in set(Status) - {Status.OPEN}),
    ],
)
def test_ours_read_and_put_away_messages_are_none(changed: dict[str, object]) -> None:
    assert not news(arrival(**changed))


@pytest.mark.parametrize(
    ("mine", "nobodys", "expected"),
    [
        (True, False, {Watched.INBOX, Watched.MINE_OR_NOBODYS, Watched.MINE}),
        (False, True, {Watched.INBOX, Watched.MINE_OR_NOBODYS}),
        (False, False, {Watched.INBOX}),
    ],
)
def test_only_watched_conversations_count(
    mine: bool, nobodys: bool, expected: set[Watched]
) -> None:
    found = {view for view in Watched if news(arrival(mine=mine, nobodys=nobodys), view)}
    assert found == expected


def test_a_mention_is_news_whoever_has_the_conversation() -> None:
    note = arrival(happened=happened(kind=Kind.MENTION), direction=Direction.NOTE, nobodys=False)
    assert news(note, Watched.MINE)


# How loudly


def test_a_message_is_told_once_and_settled() -> None:
    decision = decide(Session(started=START), happened())
    assert [telling.first.key for telling in decision.tellings] == ["email:1"]
    assert decision.settled == ("email:1",)
    assert decision.badge


def test_each_class_has_its_level_and_an_account_may_differ() -> None:
    wishes = Wishes(levels={Kind.EMAIL: Level.OFF}, by_account={"shop": {Kind.EMAIL: Level.SOUND}})
    assert wishes.level(Kind.EMAIL) is Level.OFF
    assert wishes.level(Kind.EMAIL, "shop") is Level.SOUND
    assert wishes.level(Kind.EMAIL, "other") is Level.OFF
    assert all(wishes.level(kind) is USUAL[kind] for kind in set(Kind) - {Kind.EMAIL})


@pytest.mark.parametrize(
    ("level", "told", "badge", "sound"),
    [
        (Level.OFF, 0, False, False),
        (Level.BADGE, 0, True, False),
        (Level.BANNER, 1, True, False),
        (Level.SOUND, 1, True, True),
    ],
)
@pytest.mark.parametrize("kind", list(Kind))
def test_a_level_says_how_it_is_told(
    kind: Kind, level: Level, told: int, badge: bool, sound: bool
) -> None:
    decision = decide(Session(started=START), happened(kind=kind), levels={kind: level})
    assert len(decision.tellings) == told
    assert decision.badge is badge
    assert any(telling.sound for telling in decision.tellings) is sound
    assert decision.settled  # switched on later, it is no news any more


def test_sounds_keep_their_distance() -> None:
    session, loud = Session(started=START), {Kind.EMAIL: Level.SOUND}
    heard = []
    for number in range(12):
        at = START + number * SECOND
        decision = decide(session, happened(number), at=at, levels=loud)
        heard += [at for telling in decision.tellings if telling.sound]
    assert heard == [START, START + BETWEEN_SOUNDS, START + 2 * BETWEEN_SOUNDS]


def test_what_lies_before_their_eyes_is_not_told() -> None:
    session = Session(started=START)
    decision = session.decide([happened(7)], wishes=Wishes(), now=START, looking_at=7)
    assert decision.tellings == ()
    assert decision.settled == ("email:7",)
    other = session.decide([happened(8)], wishes=Wishes(), now=START, looking_at=7)
    assert len(other.tellings) == 1


# Groups


def test_four_stand_alone_and_the_fifth_makes_a_summary_of_all() -> None:
    session = Session(started=START)
    four = decide(session, *(happened(number) for number in range(4)))
    assert [telling.is_summary for telling in four.tellings] == [False] * 4
    fifth = decide(session, happened(4))
    assert [len(telling.happened) for telling in fifth.tellings] == [GROUP_FROM]
    assert fifth.settled == ("email:4",)  # the others were


def test_five_at_once_are_one_summary() -> None:
    decision = decide(Session(started=START), *(happened(number) for number in range(5)))
    assert [len(telling.happened) for telling in decision.tellings] == [5]


def test_a_summary_goes_on_as_long_as_more_comes() -> None:
    session, sizes = Session(started=START), []
    for number in range(30):
        decision = decide(session, happened(number), at=START + number * 2 * SECOND)
        sizes.append(len(decision.tellings[0].happened))
    assert sizes == [1, 1, 1, 1, *range(5, 31)]


def test_messages_far_apart_never_are_one() -> None:
    session = Session(started=START)
    for number in range(20):
        decision = decide(session, happened(number), at=START + number * 3 * SECOND)
        assert not decision.tellings[0].is_summary


def test_families_are_not_mixed() -> None:
    what = [happened(number) for number in range(5)]
    what += [happened(number, Kind.FAILED_SEND) for number in range(2)]
    decision = decide(Session(started=START), *what)
    found = [(telling.family, len(telling.happened)) for telling in decision.tellings]
    assert found == [(Family.MESSAGES, 5), (Family.FAILURES, 1), (Family.FAILURES, 1)]


# Quiet


@pytest.mark.parametrize(
    ("clock", "over"),
    [
        ((21, 59), None),
        ((22, 0), (19, 8)),
        ((23, 59), (19, 8)),
        ((0, 0), (18, 8)),
        ((7, 59), (18, 8)),
        ((8, 0), None),
    ],
)
def test_quiet_hours_reach_over_midnight(
    clock: tuple[int, int], over: tuple[int, int] | None
) -> None:
    now = datetime(2026, 11, 18, *clock, tzinfo=ISTANBUL)
    expected = None if over is None else datetime(2026, 11, over[0], over[1], tzinfo=ISTANBUL)
    assert NIGHT.over_at(now) == expected


def test_quiet_hours_of_one_day_and_none_at_all() -> None:
    noon = QuietHours(start=time(12), end=time(13))
    assert noon.over_at(START.replace(hour=12)) == START.replace(hour=13)
    assert noon.over_at(START.replace(hour=13)) is None
    assert QuietHours(start=time(9), end=time(9)).over_at(START) is None


def test_out_of_hours_is_over_when_the_business_opens() -> None:
    week = [[(540, 1020)]] * 5 + [[], []]
    closed = OutOfHours(hours=business_hours.calendar("Europe/Istanbul", week))
    friday = datetime(2026, 11, 20, 18, 0, tzinfo=ISTANBUL)
    assert closed.over_at(friday) == datetime(2026, 11, 23, 9, 0, tzinfo=ISTANBUL)
    assert closed.over_at(friday.replace(hour=16)) is None


MIDNIGHT = START.replace(hour=23)


@pytest.mark.parametrize("kind", [Kind.EMAIL, Kind.CHAT, Kind.MENTION])
def test_a_message_in_quiet_hours_only_lights_the_badge(kind: Kind) -> None:
    decision = decide(Session(started=START), happened(kind=kind), at=MIDNIGHT, quiet=NIGHT)
    assert decision.tellings == ()
    assert decision.badge
    assert decision.settled


@pytest.mark.parametrize("kind", [Kind.WARNING, Kind.FAILED_SEND, Kind.ACCOUNT, Kind.WOKE])
def test_what_is_still_true_in_the_morning_is_told_then(kind: Kind) -> None:
    session = Session(started=START)
    one = happened(kind=kind)
    held = decide(session, one, at=MIDNIGHT, quiet=NIGHT)
    assert held.tellings == ()
    assert held.settled == ()
    assert held.again_at == datetime(2026, 11, 19, 8, 0, tzinfo=ISTANBUL)
    told = decide(session, one, at=held.again_at, quiet=NIGHT)
    assert [telling.first for telling in told.tellings] == [one]


@pytest.mark.parametrize("heard", [True, False])
def test_vip_customers_and_breaches_break_the_quiet_as_wished(heard: bool) -> None:
    wished = {"quiet": NIGHT, "vip_is_heard": heard, "breach_is_heard": heard}
    for one in (happened(vip=True), happened(kind=Kind.BREACH)):
        decision = decide(Session(started=START), one, at=MIDNIGHT, **wished)
        assert bool(decision.tellings) is heard


def test_a_pause_silences_all_until_it_is_over() -> None:
    session = Session(started=START)
    what = [happened(vip=True), happened(2, Kind.BREACH)]
    paused = decide(session, *what, paused=True)
    assert paused.tellings == ()
    assert paused.settled == ("email:1",)
    assert paused.again_at is None
    assert [one.first.kind for one in decide(session, what[1]).tellings] == [Kind.BREACH]


# Service levels


def test_after_sleep_the_most_severe_is_told_once_for_all() -> None:
    session = Session(started=START)
    due = [START - timedelta(minutes=m) for m in (20, 130, 5)]
    missed = [
        happened(1, Kind.WARNING, at=due[2]),
        *(happened(n, Kind.BREACH, at=at) for n, at in enumerate(due)),
    ]
    decision = decide(session, *missed, at=START)
    assert len(decision.tellings) == 1
    telling = decision.tellings[0]
    assert telling.while_away
    assert telling.first.at == due[1]
    assert [one.kind for one in telling.happened] == [Kind.BREACH] * 3 + [Kind.WARNING]
    assert set(decision.settled) == {one.key for one in missed}


def test_what_a_later_batch_of_mail_shows_as_missed_joins_it_without_a_sound() -> None:
    session = Session(started=START)
    first = decide(session, happened(1, Kind.BREACH, at=START - MINUTE), at=START)
    later = decide(session, happened(2, Kind.BREACH, at=START - 3 * MINUTE), at=START + MINUTE)
    assert [len(telling.happened) for telling in later.tellings] == [2]
    assert (first.tellings[0].sound, later.tellings[0].sound) == (True, False)
    assert later.tellings[0].first.at == START - 3 * MINUTE


def test_a_computer_that_wakes_has_missed_what_fell_due_meanwhile() -> None:
    session = Session(started=START)
    before = decide(session, happened(1, Kind.BREACH, at=START + MINUTE), at=START + 2 * MINUTE)
    woke = START + timedelta(hours=3)
    session.wake(woke)
    missed = happened(2, Kind.BREACH, at=START + timedelta(minutes=50))
    after = decide(session, missed, at=woke)
    assert [telling.while_away for telling in before.tellings] == [False]
    assert [telling.while_away for telling in after.tellings] == [True]
    assert [one.key for one in after.tellings[0].happened] == [missed.key]


def test_a_breach_settles_its_warning() -> None:
    one = happened(kind=Kind.BREACH, covers=("warning:1",))
    assert decide(Session(started=START), one).settled == (one.key, "warning:1")


# Accounts


@pytest.mark.parametrize(
    ("failures", "minutes", "expected"),
    [(0, 0, False), (2, 14, False), (3, 0, True), (1, 15, True), (0, 15, True)],
)
def test_an_account_is_told_of_after_three_attempts_or_a_quarter_of_an_hour(
    failures: int, minutes: int, expected: bool
) -> None:
    due = account_is_due(failures=failures, since=START, told_at=None, now=START + minutes * MINUTE)
    assert due is expected


@pytest.mark.parametrize(("hours", "expected"), [(1, False), (23, False), (24, True)])
def test_and_again_a_day_later(hours: int, expected: bool) -> None:
    now = START + timedelta(days=3)
    told_at = now - timedelta(hours=hours)
    assert account_is_due(failures=9, since=START, told_at=told_at, now=now) is expected


# Whatever happens


HAPPENINGS = st.builds(
    lambda number, kind, minutes, vip: happened(number, kind, at=START + minutes * MINUTE, vip=vip),
    st.integers(0, 20),
    st.sampled_from(list(Kind)),
    st.integers(-60, 60),
    st.booleans(),
)
WISHES = st.builds(
    Wishes,
    levels=st.dictionaries(st.sampled_from(list(Kind)), st.sampled_from(list(Level))),
    quiet=st.sampled_from([None, NIGHT, QuietHours(start=time(9), end=time(17))]),
    vip_is_heard=st.booleans(),
    breach_is_heard=st.booleans(),
    paused=st.booleans(),
)


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.lists(st.tuples(st.lists(HAPPENINGS, max_size=8), st.integers(0, 20)), max_size=12), WISHES
)
def test_nothing_is_told_twice_and_nothing_told_stays_unsettled(
    steps: list[tuple[list[Happened], int]], wishes: Wishes
) -> None:
    session, now, settled = Session(started=START), START, set[str]()
    sounds: list[datetime] = []
    for batch, seconds in steps:
        now += seconds * SECOND
        fresh = {one.key: one for one in batch if one.key not in settled}
        decision = session.decide(fresh.values(), wishes=wishes, now=now)
        told = {key for telling in decision.tellings for key in telling.keys}
        assert told <= settled | set(decision.settled)
        for telling in decision.tellings:
            assert telling.keys - settled, "a telling has something new"
        settled |= set(decision.settled)
        sounds += [now for telling in decision.tellings if telling.sound]
        assert not (wishes.paused and decision.tellings)
        assert set(fresh) - set(decision.settled) == set() or decision.badge
    gaps = [later - sooner for sooner, later in pairwise(sounds)]
    assert all(gap >= BETWEEN_SOUNDS for gap in gaps)


def test_utc_and_local_times_mix() -> None:
    one = happened(kind=Kind.BREACH, at=(START - MINUTE).astimezone(UTC))
    assert decide(Session(started=START), one).tellings[0].while_away
