"""What people decide about service levels: kept as versions, undone, and followed (rule B8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from desktop_inbox.domain.business_hours import Shift
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.messages import Delivery
from desktop_inbox.domain.opening_hours import SpecialDay
from desktop_inbox.domain.policies import NO_POLICY, ClockKind, Conditions, Target, Terms
from desktop_inbox.domain.service_levels import ClockState
from desktop_inbox.domain.states import Direction, Priority
from desktop_inbox.services import conversations, customers, undoing
from desktop_inbox.services import service_levels as actions
from desktop_inbox.store import conversations as stored
from desktop_inbox.store import events, policies, service_levels
from desktop_inbox.store.database import Database, Tx
from desktop_inbox.store.schema import account, message
from tests.support import builders
from tests.support import service_levels as promises
from tests.support.builders import Mail
from tests.support.lookups import whole_log

HOUR = timedelta(hours=1)
WROTE = datetime(2026, 9, 23, 7, 0, tzinfo=UTC)  # a Wednesday, nine o'clock in Berlin
TARGETS = {ClockKind.FIRST_RESPONSE: Target(length=HOUR)}


class Desk:
    """A workspace in Berlin with one letter, and a clock that is set by hand."""

    def __init__(self, path: Path) -> None:
        self.now = WROTE
        self.db = Database.open(path, now=lambda: self.now)

        def fill(tx: Tx) -> int:
            key = builders.account(tx)
            tx.conn.execute(account.update().values(clocks_from=WROTE))
            promises.zone(tx, "Europe/Berlin")
            talk = builders.conversation(tx)
            builders.message(tx, talk, Mail(at=WROTE), account_id=key)
            self.account_id = key
            return talk

        self.talk = self.db.write(fill).result()
        self.mail = self.db.read(policies.policies).result()[0]

    def renew(self) -> None:
        """Do what the engine does in the background."""
        while self.db.write(service_levels.renew_some).result():
            pass

    @property
    def due(self) -> datetime | None:
        """What the list shows."""
        row = self.db.read(lambda conn: stored.row(conn, self.talk)).result()
        assert row is not None
        return row.next_due_at

    def answer(self, at: datetime) -> None:
        mail = Mail(direction=Direction.OUT, at=at, delivery=Delivery.SENT)
        self.db.write(
            lambda tx: builders.message(tx, self.talk, mail, account_id=self.account_id)
        ).result()

    def verdicts(self) -> list[ClockState]:
        found = self.db.read(
            lambda conn: service_levels.clocks(conn, self.talk, now=self.now)
        ).result()
        return [one.state for one in found]

    def names(self) -> list[str]:
        return [one.current.name for one in self.db.read(policies.policies).result()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "workspace.db")
    yield desk
    desk.db.close()


def customer_of(desk: Desk) -> int:
    row = desk.db.read(lambda conn: stored.row(conn, desk.talk)).result()
    assert row is not None
    assert row.customer_id is not None
    return row.customer_id


def test_a_new_promise_moves_what_is_open_and_undoing_it_moves_it_back(desk: Desk) -> None:
    before = desk.due
    desk.now += timedelta(minutes=5)
    shorter = replace(desk.mail.current, targets=TARGETS)
    desk.db.write(lambda tx: actions.change_policy(tx, desk.mail.uid, shorter)).result()
    desk.renew()
    assert desk.due == WROTE + HOUR
    desk.db.write(conversations.undo).result()
    desk.renew()
    assert desk.due == before


def test_a_finished_clock_keeps_its_verdict_whatever_is_changed_later(desk: Desk) -> None:
    desk.answer(WROTE + 2 * HOUR)
    assert desk.verdicts() == [ClockState.MET]
    desk.now = WROTE + 3 * HOUR
    strict = replace(desk.mail.current, targets=TARGETS)
    night = (Shift(1320, 360),)
    key = customer_of(desk)

    def change(tx: Tx) -> None:
        actions.change_policy(tx, desk.mail.uid, strict)
        office = policies.calendars(tx.conn)[0]
        actions.change_hours(tx, office.uid, replace(office.current, week=(night,) * 7))
        actions.add_policy(tx, Terms(name="Urgent", targets=TARGETS))
        conversations.set_priority(tx, desk.talk, Priority.URGENT)
        customers.edit(tx, key, vip=True)

    desk.db.write(change).result()
    desk.renew()
    assert desk.verdicts() == [ClockState.MET]
    desk.db.write(lambda tx: actions.remove_policy(tx, desk.mail.uid)).result()
    assert desk.verdicts() == [ClockState.MET]


def test_a_mark_given_after_the_answer_does_not_judge_it(desk: Desk) -> None:
    vip = Conditions(vip=True)

    def promise(tx: Tx) -> None:
        uid = actions.add_policy(tx, Terms(name="VIP", targets=TARGETS, conditions=vip))
        actions.move_policy(tx, uid, 0)

    desk.now = WROTE - HOUR
    desk.db.write(promise).result()
    desk.now = WROTE + 3 * HOUR
    desk.answer(WROTE + 2 * HOUR)
    key = customer_of(desk)
    desk.db.write(lambda tx: customers.edit(tx, key, vip=True)).result()
    assert desk.verdicts() == [ClockState.MET]


def test_who_becomes_vip_is_answered_sooner_at_once(desk: Desk) -> None:
    def promise(tx: Tx) -> None:
        uid = actions.add_policy(
            tx, Terms(name="VIP", targets=TARGETS, conditions=Conditions(vip=True))
        )
        actions.move_policy(tx, uid, 0)

    desk.db.write(promise).result()
    desk.renew()
    key = customer_of(desk)
    desk.db.write(lambda tx: customers.edit(tx, key, vip=True)).result()
    assert desk.due == WROTE + HOUR
    desk.db.write(conversations.undo).result()
    assert desk.due == WROTE + 8 * HOUR


def test_a_policy_by_hand_stays_until_it_is_left_to_the_conditions(desk: Desk) -> None:
    uid = desk.db.write(lambda tx: actions.add_policy(tx, Terms(name="Gold", targets=TARGETS)))
    gold = uid.result()
    desk.db.write(lambda tx: actions.pin(tx, desk.talk, gold)).result()
    assert desk.due == WROTE + HOUR
    desk.db.write(lambda tx: actions.pin(tx, desk.talk, NO_POLICY)).result()
    assert desk.due is None
    desk.db.write(conversations.undo).result()
    assert desk.due == WROTE + HOUR
    desk.db.write(lambda tx: actions.pin(tx, desk.talk, None)).result()
    assert desk.due == WROTE + 8 * HOUR


def test_special_days_move_what_is_open(desk: Desk) -> None:
    office = desk.db.read(policies.calendars).result()[0]
    holiday = SpecialDay(date(2026, 9, 23), (Shift(540, 600),), "Half a holiday")
    hours = replace(office.current, special=(holiday,))
    desk.db.write(lambda tx: actions.change_hours(tx, office.uid, hours)).result()
    desk.renew()
    assert desk.due == WROTE + timedelta(days=1, hours=7)


def test_the_order_is_what_people_make_it(desk: Desk) -> None:
    for name in ("A", "B"):
        terms = Terms(name=name, targets=TARGETS)
        desk.db.write(lambda tx, terms=terms: actions.add_policy(tx, terms)).result()  # type: ignore[misc]
    assert desk.names() == ["E-mail", "Live chat", "Messaging", "A", "B"]
    last = desk.db.read(policies.policies).result()[-1].uid
    for place in (0, 2, 9, 1):
        desk.now += timedelta(seconds=1)
        desk.db.write(lambda tx, to=place: actions.move_policy(tx, last, to)).result()  # type: ignore[misc]
        wanted = ["E-mail", "Live chat", "Messaging", "A"]
        wanted.insert(place, "B")
        assert desk.names() == wanted
    assert desk.db.write(lambda tx: actions.move_policy(tx, last, 1)).result() is None


def test_hours_that_would_never_let_a_promise_be_kept_are_refused(desk: Desk) -> None:
    long = Target(length=100_000 * HOUR)
    around = tuple((Shift(0, 1440),) for _ in range(7))
    office = desk.db.read(policies.calendars).result()[0]
    wide = replace(office.current, week=around)
    desk.db.write(lambda tx: actions.change_hours(tx, office.uid, wide)).result()
    terms = replace(desk.mail.current, targets={ClockKind.RESOLUTION: long})
    desk.db.write(lambda tx: actions.change_policy(tx, desk.mail.uid, terms)).result()
    narrow = replace(office.current, week=((Shift(540, 600),),) + ((),) * 6)
    with pytest.raises(UserError) as refused:
        desk.db.write(lambda tx: actions.change_hours(tx, office.uid, narrow)).result()
    assert refused.value.code == "target-invalid"


def test_renewal_goes_on_where_it_stopped(desk: Desk) -> None:
    talks = [desk.talk]
    for _ in range(4):

        def begin(tx: Tx) -> int:
            key = builders.conversation(tx)
            builders.message(tx, key, Mail(at=WROTE), account_id=desk.account_id)
            return key

        talks.append(desk.db.write(begin).result())
    shorter = replace(desk.mail.current, targets=TARGETS)
    desk.db.write(lambda tx: actions.change_policy(tx, desk.mail.uid, shorter)).result()
    assert desk.db.write(lambda tx: service_levels.renew_some(tx, 2)).result()
    path = desk.db.path
    desk.db.close()
    again = Database.open(path, now=lambda: WROTE)
    assert again.read(service_levels.waits_for_renewal).result()

    def due(key: int) -> datetime | None:
        row = again.read(lambda conn: stored.row(conn, key)).result()
        assert row is not None
        return row.next_due_at

    assert [due(key) == WROTE + HOUR for key in talks] == [False, False, False, True, True]
    while again.write(lambda tx: service_levels.renew_some(tx, 2)).result():
        pass
    assert all(due(key) == WROTE + HOUR for key in talks)
    assert not again.read(service_levels.waits_for_renewal).result()
    again.close()


def test_the_same_promises_come_of_the_events_in_any_order(desk: Desk, tmp_path: Path) -> None:
    def decide(tx: Tx) -> None:
        office = policies.calendars(tx.conn)[0]
        actions.add_hours(tx, replace(office.current, name="Warehouse"))
        gold = actions.add_policy(tx, Terms(name="Gold", targets=TARGETS))
        actions.move_policy(tx, gold, 0)

    desk.db.write(decide).result()
    desk.now += HOUR
    gold = desk.db.read(policies.policies).result()[0]
    renamed = replace(gold.current, name="Platinum")
    desk.db.write(lambda tx: actions.change_policy(tx, gold.uid, renamed)).result()
    log = desk.db.read(whole_log).result()
    other = Database.open(tmp_path / "other.db", device_uid="another laptop")
    for done in [*reversed(log), *log]:
        other.write(lambda tx, done=done: events.apply(tx, done)).result()  # type: ignore[misc]
    found = {one.uid: one.versions for one in other.read(policies.policies).result()}
    assert found[gold.uid] == desk.db.read(policies.policies).result()[0].versions
    assert len(found[gold.uid]) == 2
    hours = [one.current.name for one in other.read(policies.calendars).result()]
    assert sorted(hours) == ["", "Warehouse"]
    other.close()


def test_what_a_person_says_a_machine_wrote_stops_the_clocks_d1_b2(desk: Desk) -> None:
    due = desk.due
    assert due is not None
    said = desk.db.write(lambda tx: conversations.toggle_automated(tx, desk.talk)).result()
    assert (desk.due, desk.verdicts()) == (None, [])
    row = desk.db.read(lambda conn: stored.row(conn, desk.talk)).result()
    assert row is not None
    assert row.waiting_since is None
    desk.db.write(lambda tx: undoing.undo(tx, said)).result()
    assert desk.due == due


def test_what_a_header_says_is_written_by_a_machine_is_promised_an_answer_still(
    desk: Desk,
) -> None:
    """A form on the web announces itself so, and a customer waits behind it."""
    desk.db.write(lambda tx: tx.conn.execute(message.update().values(kind="automated"))).result()
    desk.db.write(lambda tx: service_levels.refresh(tx, [desk.talk])).result()
    assert desk.due is not None
