"""Lists of any length show what somebody looks at, and change without jumping."""

from __future__ import annotations

import asyncio
import time
from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.models.paged import (
    KEPT_ROWS,
    PAGE,
    PagedModel,
    RowRole,
    changed_span,
    difference,
)
from tests.support.qt_waits import until


class Source:
    """Stands for the store: ids that can be changed, rows that say how often they were read."""

    def __init__(self, count: int) -> None:
        self.ids = array("q", range(count))
        self.reads: list[list[int]] = []
        self.words = "row"

    def read_ids(self, conn: Any, query: Any, limit: int | None) -> array[int]:
        return self.ids[:] if limit is None else self.ids[:limit]

    def read_rows(self, conn: Any, ids: list[int]) -> dict[int, str]:
        self.reads.append(list(ids))
        return {key: f"{self.words} {key}" for key in ids}


def model_of(context: AppContext, source: Source) -> PagedModel[str]:
    return PagedModel(context, read_ids=source.read_ids, read_rows=source.read_rows)


async def shown(context: AppContext, source: Source) -> PagedModel[str]:
    model = model_of(context, source)
    model.show("everything")
    await until(lambda: model.rowCount() == len(source.ids))
    return model


def rows(model: PagedModel[str]) -> list[int]:
    return list(model.ids)


async def test_rows_come_in_pages_and_are_placeholders_until_then(
    qtbot: QtBot, context: AppContext
) -> None:
    source = Source(1000)
    model = await shown(context, source)
    assert model.index(0, 0).data(RowRole) == "row 0"  # the first screen comes with the ids
    source.reads.clear()
    assert model.index(500, 0).data(RowRole) is None
    await until(lambda: model.index(500, 0).data(RowRole) == "row 500")
    low = 500 - 500 % PAGE
    assert source.reads == [list(range(low, low + PAGE))]


async def test_scrolling_past_pages_leaves_them_unread(qtbot: QtBot, context: AppContext) -> None:
    source = Source(100_000)
    model = await shown(context, source)
    source.reads.clear()
    for number in range(1000, 90_000, PAGE):
        model.index(number, 0).data(RowRole)
    last = model.index(90_000, 0)
    last.data(RowRole)
    await until(lambda: last.data(RowRole) is not None)
    assert sum(map(len, source.reads)) <= 8 * PAGE


async def test_rows_long_out_of_sight_are_forgotten(qtbot: QtBot, context: AppContext) -> None:
    source = Source(KEPT_ROWS * 2)
    model = await shown(context, source)
    for number in range(0, KEPT_ROWS + 10 * PAGE, PAGE):
        model.index(number, 0).data(RowRole)
        await until(lambda wanted=number: model.peek(wanted) is not None)  # type: ignore[misc]
    assert model.peek(0) is None


async def test_a_touched_row_alone_is_read_again(qtbot: QtBot, context: AppContext) -> None:
    source = Source(200)
    model = await shown(context, source)
    assert model.index(3, 0).data(RowRole) == "row 3"
    source.words, source.reads = "changed", []
    model.touch([3, 150])  # nobody looks at 150
    assert model.index(3, 0).data(RowRole) == "row 3"  # until the new one is here
    await until(lambda: model.index(3, 0).data(RowRole) == "changed 3")
    assert source.reads == [[3]]
    assert model.index(4, 0).data(RowRole) == "row 4"


async def test_new_rows_leave_persistent_places_on_their_rows(
    qtbot: QtBot, context: AppContext
) -> None:
    source = Source(10)
    model = await shown(context, source)
    place = QPersistentModelIndex(model.index(5, 0))
    source.ids = array("q", [100, 7, 0, 1, 2, 3, 4, 5, 6, 8, 9])
    model.refresh()
    await until(lambda: rows(model) == list(source.ids))
    assert model.ids[place.row()] == 5


async def test_the_model_keeps_qts_rules_through_every_change(
    qtbot: QtBot, context: AppContext, qtmodeltester: ModelTester
) -> None:
    source = Source(70)
    model = await shown(context, source)
    qtmodeltester.check(model, force_py=False)  # type: ignore[no-untyped-call]
    for ids in ([3, 1, 2], [], [9, 8, 7, 1], list(range(400)), [399, *range(0, 398, 2)]):
        source.ids = array("q", ids)
        model.refresh()
        await until(lambda: rows(model) == list(source.ids))
    model.show("something else")
    await until(lambda: not model.loading)
    assert rows(model)[:5] == list(source.ids)[:5]


async def test_a_change_while_loading_is_not_lost(qtbot: QtBot, context: AppContext) -> None:
    source = Source(3)
    model = model_of(context, source)
    model.show("everything")
    source.ids = array("q", [9, 0, 1, 2])
    model.touch([9])
    await until(lambda: rows(model) == [9, 0, 1, 2])


async def test_only_the_last_query_is_shown(qtbot: QtBot, context: AppContext) -> None:
    source = Source(5)
    model = model_of(context, source)
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    for query in ("a", "ab", "abc"):
        model.show(query)
    await until(lambda: not model.loading)
    assert len(resets) == 1


async def test_a_million_rows_change_without_a_pause(qtbot: QtBot, context: AppContext) -> None:
    source = Source(1_000_000)
    model = await shown(context, source)
    new = array("q", [1_000_001])
    new.extend(source.ids)
    source.ids = new
    began = time.monotonic()
    span = changed_span(model.ids, new)
    steps = difference(model.ids, new, span)
    took = time.monotonic() - began
    assert steps.inserted == ((0, 0),)
    assert took < 0.25  # some 10 ms; the rest is for a busy machine
    model.refresh()
    await until(lambda: model.rowCount() == 1_000_001)


@pytest.mark.expects_log("fault")
async def test_what_cannot_be_read_is_reported_once(qtbot: QtBot, context: AppContext) -> None:
    from desktop_inbox.store.errors import DatabaseCorrupt

    def fail(conn: Any, query: Any, limit: int | None) -> array[int]:
        raise DatabaseCorrupt(context.workspace.data_dir, "torn page")

    source = Source(3)
    model: PagedModel[str] = PagedModel(context, read_ids=fail, read_rows=source.read_rows)
    banners: list[object] = []
    failures: list[bool] = []
    context.banner.connect(banners.append)
    model.failed.connect(lambda: failures.append(True))
    model.show("everything")
    await until(lambda: banners and failures)
    await asyncio.sleep(0)
    assert (len(banners), model.loading) == (1, False)


ids_lists = st.lists(st.integers(0, 60), unique=True, max_size=50)


@given(old=ids_lists, new=ids_lists)
def test_a_difference_turns_one_list_into_the_other(old: list[int], new: list[int]) -> None:
    before, after = array("q", old), array("q", new)
    steps = difference(before, after, changed_span(before, after))
    work = list(old)
    for low, high in steps.removed:
        del work[low : high + 1]
    if steps.order is not None:
        start, wanted = steps.order
        assert sorted(work[start : start + len(wanted)]) == sorted(wanted)
        work[start : start + len(wanted)] = wanted
    for low, high in steps.inserted:
        work[low:low] = new[low : high + 1]
    assert work == new


async def test_a_row_that_no_longer_belongs_leaves_before_all_ids_are_read(
    qtbot: QtBot, context: AppContext
) -> None:
    class Picky(PagedModel[str]):
        def belongs(self, row: str) -> bool:
            return not row.startswith("closed")

    source = Source(100)
    model = Picky(context, read_ids=source.read_ids, read_rows=source.read_rows)
    model.show("everything")
    await until(lambda: model.rowCount() == 100)
    model.index(3, 0).data(RowRole)
    removed: list[tuple[int, int]] = []
    model.rowsRemoved.connect(lambda _parent, first, last: removed.append((first, last)))
    source.words = "closed"
    model._stale.add(3)  # as `touch` does; the ids still name it
    model.index(3, 0).data(RowRole)
    await until(lambda: removed == [(3, 3)])
    assert list(model.ids)[:5] == [0, 1, 2, 4, 5]


async def test_of_what_changed_only_the_rows_on_the_screen_are_read_and_painted(
    qtbot: QtBot, context: AppContext
) -> None:
    source = Source(200)
    model = await shown(context, source)
    model.watch(lambda: range(10))
    painted: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: painted.append((first.row(), last.row())))
    source.words, source.reads = "changed", []
    model.touch([3, 4, 7, 150])
    await until(lambda: len(painted) == 2)
    assert (source.reads, painted) == ([[3, 4, 7]], [(3, 4), (7, 7)])
    assert model.index(3, 0).data(RowRole) == "changed 3"


async def test_a_row_that_reads_the_same_as_before_is_not_painted(
    qtbot: QtBot, context: AppContext
) -> None:
    source = Source(20)
    model = await shown(context, source)
    model.watch(lambda: range(10))
    painted: list[object] = []
    model.dataChanged.connect(painted.append)
    source.reads = []
    model.touch([3])
    await until(lambda: source.reads)
    await until(lambda: not model._reading)
    assert painted == []


async def test_a_row_that_changes_while_it_is_read_is_read_once_more(
    qtbot: QtBot, context: AppContext
) -> None:
    source = Source(20)
    model = await shown(context, source)
    model.watch(lambda: range(10))
    read_rows = model._read_rows

    def meanwhile(conn: Any, ids: list[int]) -> dict[int, str]:
        rows = read_rows(conn, ids)
        if source.words == "first":
            source.words = "second"
            context.tasks.loop.call_soon_threadsafe(model.touch, [3])
        return rows

    model._read_rows = meanwhile
    source.words = "first"
    model.touch([3])
    await until(lambda: model.peek(3) == "second 3")


async def test_mail_that_pours_in_costs_a_few_refreshes_and_the_last_is_shown(
    qtbot: QtBot, context: AppContext
) -> None:
    source = Source(100)
    model = await shown(context, source)
    reads: list[int] = []
    read_ids = model._read_ids

    def counting(conn: Any, query: Any, limit: int | None) -> array[int]:
        reads.append(1)
        return read_ids(conn, query, limit)

    model._read_ids = counting
    for arrived in range(100, 140):
        source.ids.insert(0, arrived)
        model.touch([arrived])
        await asyncio.sleep(0.001)
    await until(lambda: rows(model) == list(source.ids))
    assert len(reads) <= 3  # the first at once, one after the pause
