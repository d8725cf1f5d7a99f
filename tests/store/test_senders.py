"""What is remembered of who writes to us: the names that are taken."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from desktop_inbox.domain.messages import Address
from desktop_inbox.store import driver, senders
from tests.store.conftest import Store
from tests.support import builders

NAME = "Ayşe Yılmaz"


def _steps(conn: Connection) -> int:
    """Return what asking for one name costs, in instructions of SQLite's machine."""
    steps: list[None] = []
    below = driver.below(conn)
    below.set_progress_handler(lambda: steps.append(None), 1)
    try:
        senders.addresses_by_name(conn, {NAME})
    finally:
        below.set_progress_handler(None, 1)
    return len(steps)


def _namesakes(store: Store, numbers: range) -> None:
    for number in numbers:
        who = Address(name=NAME, address=f"{number}@orders.example")
        store.write(partial(builders.customer, who=who))


def test_of_those_who_share_a_name_the_first_is_whose_it_is(store: Store) -> None:
    _namesakes(store, range(3))
    known = store.read(lambda conn: senders.addresses_by_name(conn, {NAME, "Nobody Else"}))
    assert known == {NAME: ["0@orders.example"]}


def test_a_name_costs_the_same_however_many_share_it(store: Store) -> None:
    _namesakes(store, range(2))
    of_two = store.read(_steps)
    _namesakes(store, range(2, 60))
    assert store.read(_steps) == of_two
