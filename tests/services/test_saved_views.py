"""Saved views: made, changed, put in order, taken away, and all of it taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_inbox.domain.conditions import Field, Group, Operator, Test
from desktop_inbox.domain.errors import UserError
from desktop_inbox.services import conversations, saved_views
from desktop_inbox.store import saved_views as stored
from desktop_inbox.store.database import Tx
from desktop_inbox.store.workspace import Workspace
from tests.support.engine_room import Room
from tests.support.lookups import whole_log

URGENT = Group(members=(Test(field=Field.PRIORITY, operator=Operator.IS, value="urgent"),))
UNREAD = Group(members=(Test(field=Field.UNREAD, operator=Operator.IS),))


@pytest.fixture
def workspace(room: Room) -> Workspace:
    return room.workspace


def make(workspace: Workspace, *names: str) -> list[int]:
    def write(tx: Tx) -> list[int]:
        return [saved_views.create(tx, name=name, condition=URGENT)[0] for name in names]

    return workspace.db.write(write).result(10)


def names(workspace: Workspace) -> list[str]:
    return [row.name for row in workspace.db.read(stored.list_all).result(10)]


def undo(workspace: Workspace, group: str | None) -> None:
    assert group is not None
    workspace.db.write(lambda tx: conversations.undo(tx, group)).result(10)


def test_a_new_view_comes_last_and_undo_takes_it_away(workspace: Workspace) -> None:
    make(workspace, "VIP", "Refunds")
    _key, group = workspace.db.write(
        lambda tx: saved_views.create(tx, name="  This   week ", condition=UNREAD)
    ).result(10)
    assert names(workspace) == ["VIP", "Refunds", "This week"]
    undo(workspace, group)
    assert names(workspace) == ["VIP", "Refunds"]


def test_changing_a_view_is_undone_whole(workspace: Workspace) -> None:
    (key,) = make(workspace, "VIP")
    group = workspace.db.write(
        lambda tx: saved_views.change(tx, key, name="Unread", condition=UNREAD)
    ).result(10)
    row = workspace.db.read(lambda conn: stored.row(conn, key)).result(10)
    assert row is not None
    assert (row.name, row.condition) == ("Unread", UNREAD)
    undo(workspace, group)
    row = workspace.db.read(lambda conn: stored.row(conn, key)).result(10)
    assert row is not None
    assert (row.name, row.condition) == ("VIP", URGENT)


def test_a_removed_view_comes_back_to_its_place(workspace: Workspace) -> None:
    first, *_others = make(workspace, "VIP", "Refunds")
    group = workspace.db.write(lambda tx: saved_views.remove(tx, first)).result(10)
    assert names(workspace) == ["Refunds"]
    undo(workspace, group)
    assert names(workspace) == ["VIP", "Refunds"]


@pytest.mark.parametrize("start", range(4))
@pytest.mark.parametrize("place", range(4))
def test_a_view_goes_where_it_is_put(workspace: Workspace, start: int, place: int) -> None:
    every = ["a", "b", "c", "d"]
    keys = make(workspace, *every)
    group = workspace.db.write(lambda tx: saved_views.move(tx, keys[start], place=place)).result(10)
    expected = [name for name in every if name != every[start]]
    expected.insert(place, every[start])
    assert names(workspace) == expected
    assert (group is None) is (start == place)
    if group is not None:
        undo(workspace, group)
        assert names(workspace) == every


def test_views_with_one_key_are_given_new_ones(workspace: Workspace) -> None:
    """Two laptops may have put theirs at the same place."""
    from sqlalchemy import update

    from desktop_inbox.store.schema import saved_view

    keys = make(workspace, "a", "b", "c")
    workspace.db.write(lambda tx: tx.conn.execute(update(saved_view).values(position="i"))).result(
        10
    )
    there = names(workspace)
    moved = keys["abc".index(there[2])]
    workspace.db.write(lambda tx: saved_views.move(tx, moved, place=1)).result(10)
    assert names(workspace) == [there[0], there[2], there[1]]


@pytest.mark.parametrize(
    ("name", "condition", "code"),
    [
        ("  ", URGENT, "view-name-empty"),
        ("x" * 61, URGENT, "view-name-long"),
        (
            "x",
            Group(members=(Test(field=Field.TAG, operator=Operator.IS),)),
            "view-value",
        ),
    ],
)
def test_what_cannot_be_a_view_is_refused_and_changes_nothing(
    workspace: Workspace, name: str, condition: Group, code: str
) -> None:
    with pytest.raises(UserError) as refused:
        workspace.db.write(
            lambda tx: saved_views.create(tx, name=name, condition=condition)
        ).result(10)
    assert refused.value.code == code
    assert names(workspace) == []


def test_a_view_that_is_gone_cannot_be_changed(workspace: Workspace) -> None:
    for act in (
        lambda tx: saved_views.remove(tx, 9),
        lambda tx: saved_views.move(tx, 9, place=0),
        lambda tx: saved_views.change(tx, 9, name="x", condition=URGENT),
    ):
        with pytest.raises(UserError) as refused:
            workspace.db.write(act).result(10)
        assert refused.value.code == "view-missing"


def test_the_log_alone_makes_the_same_views(workspace: Workspace, tmp_path: Path) -> None:
    from desktop_inbox.store import events

    first, second = make(workspace, "VIP", "Refunds")
    workspace.db.write(lambda tx: saved_views.move(tx, second, place=0)).result(10)
    workspace.db.write(lambda tx: saved_views.remove(tx, first)).result(10)
    log = workspace.db.read(whole_log).result(10)
    other = Workspace.open(tmp_path / "other")
    try:
        for one in reversed(log):
            other.db.write(lambda tx, one=one: events.apply(tx, one)).result(10)  # type: ignore[misc]
        assert names(other) == names(workspace) == ["Refunds"]
    finally:
        other.close()
