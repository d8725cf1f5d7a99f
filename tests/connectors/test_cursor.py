"""What has been read is neither forgotten nor read twice."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_inbox.connectors.email import cursor as cursors
from desktop_inbox.connectors.email.cursor import FolderState, Stock


def members(state: FolderState) -> set[int]:
    return {uid for low, high in state.pending for uid in range(low, high + 1)}


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20)), max_size=12))
def test_what_is_settled_is_no_longer_pending(steps: list[tuple[int, int]]) -> None:
    state = FolderState(uidvalidity=1, uidnext=61, pending=[(1, 60)])
    expected = set(range(1, 61))

    for low, length in steps:
        state.settle(low, low + length)
        expected -= set(range(low, low + length + 1))

    assert members(state) == expected
    assert state.pending == sorted(state.pending, reverse=True)


def test_new_uids_join_the_range_below_them() -> None:
    state = FolderState(uidvalidity=1, uidnext=5, pending=[(3, 4)])

    state.expect(5, 6)
    assert state.pending == [(3, 6)]
    state.settle(5, 6)
    state.expect(7, 7)
    assert state.pending == [(7, 7), (3, 4)]


def test_a_cursor_survives_the_store() -> None:
    state = FolderState(
        uidvalidity=3, uidnext=9, pending=[(7, 8), (1, 2)], heads=False, done=4, remaining=2,
        modseq=12, messages=6, unseen=1, stock=Stock("1:8", "", "3"),
    )  # fmt: skip
    kept = json.loads(json.dumps(cursors.dump({"Gönderilenler": state}, "t1")))

    assert cursors.load(kept) == ({"Gönderilenler": state}, "t1")


@pytest.mark.parametrize(
    "value", [None, {}, {"v": 99}, {"v": 1, "folders": 3}, {"v": 1, "folders": {"INBOX": {}}}]
)
def test_an_unreadable_cursor_means_reading_again(value: dict[str, object] | None) -> None:
    assert cursors.load(value) == ({}, "")


@given(st.sets(st.integers(1, 2**31), max_size=800))
def test_large_sets_of_uids_are_packed_and_unpacked(uids: set[int]) -> None:
    assert cursors.unpack_uids(cursors.pack_uids(uids)) == sorted(uids)


def test_a_set_with_many_holes_stays_small() -> None:
    assert len(cursors.pack_uids(range(1, 100_000, 2))) < 150_000
