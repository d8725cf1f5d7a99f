"""A list model over an array of ids whose rows are read in pages when somebody looks at them.

The model lives on the UI thread; ids and rows are read on the store's reader threads. A million
ids cost 8 MB, and only the rows that were looked at recently are kept.
"""

from __future__ import annotations

import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from shiboken6 import isValid

from desktop_inbox.store.errors import StoreError
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.throttle import Throttle

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex

PAGE = 64
KEPT_ROWS = 128 * PAGE
FIRST_IDS = 300  # painted before the rest of the ids is known
INLINE_DIFF = 5_000  # larger differences are worked out on another thread
REFRESH_PAUSE_MS = 250
_MOST_AT_ONCE = 4 * PAGE

RowRole = Qt.ItemDataRole.UserRole + 1
IdRole = Qt.ItemDataRole.UserRole + 2


class Difference(NamedTuple):
    """How one array of ids becomes another: rows leave, the rest is put in order, rows come."""

    removed: tuple[tuple[int, int], ...]  # first and last row, from the end, in the old array
    order: tuple[int, tuple[int, ...]] | None  # start, and the ids from there in their new order
    inserted: tuple[tuple[int, int], ...]  # first and last row, ascending, in the new array


def _common_prefix(old: array[int], new: array[int]) -> int:
    """Return how many ids agree at the start; comparing slices is a memcmp, so halving is cheap."""
    low, high = 0, min(len(old), len(new))
    a, b = memoryview(old), memoryview(new)
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle].tobytes() == b[low:middle].tobytes():
            low = middle
        else:
            high = middle - 1
    return low


def changed_span(old: array[int], new: array[int]) -> tuple[int, int, int]:
    """Return where two arrays differ: start, end in the old one, end in the new one."""
    start = _common_prefix(old, new)
    rest_old, rest_new = old[start:], new[start:]
    rest_old.reverse()
    rest_new.reverse()
    tail = _common_prefix(rest_old, rest_new)
    return start, len(old) - tail, len(new) - tail


def difference(old: array[int], new: array[int], span: tuple[int, int, int]) -> Difference:
    """Return the steps from `old` to `new`, which differ only within `span`. Any thread."""
    start, old_end, new_end = span
    if start == old_end < new_end:  # nothing but new rows, as when all follow the first screen
        return Difference(removed=(), order=None, inserted=((start, new_end - 1),))
    before, after = old[start:old_end], new[start:new_end]
    staying = set(before) & set(after)
    removed = [start + row for row, key in enumerate(before) if key not in staying]
    kept = tuple(key for key in before if key in staying)
    wanted = tuple(key for key in after if key in staying)
    inserted = [start + row for row, key in enumerate(after) if key not in staying]
    return Difference(
        removed=tuple(reversed(list(runs(removed)))),
        order=(start, wanted) if kept != wanted else None,
        inserted=tuple(runs(inserted)),
    )


def runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of numbers that follow one another, ascending."""
    first = last = -2
    for row in rows:
        if row == last + 1:
            last = row
            continue
        if last >= 0:
            yield first, last
        first = last = row
    if last >= 0:
        yield first, last


class PagedModel(QAbstractTableModel, Generic[R]):
    """One column of rows of type `R`. `data(index, RowRole)` is None while a row is being read."""

    loaded = Signal()  # the ids of a new query are there, the first of them at least
    failed = Signal()  # the ids of a new query could not be read
    about_to_refresh = Signal()  # ids are about to come, go or move
    refreshed = Signal(int)  # ids were read again; how many rows came on top of the old first one

    def __init__(
        self,
        context: AppContext,
        *,
        read_ids: Callable[[Any, Any, int | None], array[int]],
        read_rows: Callable[[Any, list[int]], dict[int, R]],
        parent: QObject | None = None,
    ) -> None:
        """`read_ids(conn, query, limit)` and `read_rows(conn, ids)` run on a reader thread."""
        super().__init__(parent)
        self._context = context
        self._read_ids = read_ids
        self._read_rows = read_rows
        self._query: Any = None
        self._generation = 0
        self._ids: array[int] = array("q")
        self._rows: OrderedDict[int, R] = OrderedDict()
        self._stale: set[int] = set()
        self._wanted: dict[int, int] = {}  # id -> the row it was last seen at
        self._reading: set[int] = set()
        self._leaving: frozenset[int] = frozenset()  # on their way out of the list
        self._settled: frozenset[int] = frozenset()  # of these, to be looked at again
        self._whole = True  # all ids are here, not only the first
        self._loading = False
        self._refreshing = False
        self._refresh_again = False
        self._throttle = Throttle(self._start_refresh, pause_ms=REFRESH_PAUSE_MS, parent=self)
        self._on_screen: Callable[[], range] = lambda: range(0)
        self._fetch = QTimer(self)
        self._fetch.setSingleShot(True)
        self._fetch.setInterval(0)
        self._fetch.timeout.connect(lambda: context.start(self._read_wanted()))

    # --- what is shown ---

    @property
    def loading(self) -> bool:
        """Tell whether the first ids of the query are still on their way."""
        return self._loading

    @property
    def ids(self) -> array[int]:
        """The ids in order. Not to be changed."""
        return self._ids

    def begin_with(self, rows: dict[int, R]) -> None:
        """Show rows that are known already, in their order, until a query was read."""
        self.beginResetModel()
        self._ids = array("q", rows)
        self._rows.update(rows)
        self.endResetModel()

    def show(self, query: object) -> None:
        """Show another query; the old rows stay until the first of the new ones are there."""
        self._query = query
        self._leaving = frozenset()
        self._generation += 1
        self._loading = True
        self._context.start(self._load(self._generation))

    async def _load(self, generation: int) -> None:
        query = self._query
        try:
            first, rows = await self._context.read(lambda conn: self._first_screen(conn, query))
        except StoreError:
            if self._awaits(generation):
                self._loading = False
                self.failed.emit()
            raise
        if not self._awaits(generation):
            return
        self.beginResetModel()
        self._ids = first
        self._rows.update(rows)
        self._stale.difference_update(rows)
        self._loading = False
        self._whole = len(first) < FIRST_IDS
        self.endResetModel()
        self.loaded.emit()
        if self._refresh_again or len(first) == FIRST_IDS:
            self._refresh_again = False
            self.refresh()

    def _first_screen(self, conn: Any, query: object) -> tuple[array[int], dict[int, R]]:
        first = self._read_ids(conn, query, FIRST_IDS)
        return first, self._read_rows(conn, list(first[:PAGE]))

    @property
    def query(self) -> object:
        """What is shown."""
        return self._query

    @property
    def whole(self) -> bool:
        """Tell whether all ids of the query are here, not only those painted first."""
        return self._whole

    # --- changes ---

    def leave(self, ids: Iterable[int]) -> None:
        """Let rows go at once, before the store has done what makes them go; see `stay`."""
        self._leaving |= frozenset(ids)
        remaining = self._without_leaving(self._ids)
        self._apply(difference(self._ids, remaining, changed_span(self._ids, remaining)), remaining)

    def stay(self, ids: Iterable[int]) -> None:
        """Look again whether these rows belong to the list: the store has done it, or has not."""
        settled = self._leaving & frozenset(ids)
        if settled:
            self._settled |= settled
            self.refresh()

    def _without_leaving(self, ids: array[int]) -> array[int]:
        leaving = self._leaving
        return array("q", (key for key in ids if key not in leaving)) if leaving else ids

    def watch(self, on_screen: Callable[[], range]) -> None:
        """Ask `on_screen` which rows somebody sees, when some of them may have changed."""
        self._on_screen = on_screen

    def touch(self, ids: Iterable[int]) -> None:
        """Have these rows read again where somebody looks at them, and the order checked."""
        self._stale.update(key for key in ids if key in self._rows)
        self._want_seen()
        self.refresh()

    def forget_rows(self) -> None:
        """Have every row read anew, but show what there is until then."""
        self._stale.update(self._rows)

    def touch_all(self) -> None:
        """Have every row read again when it is next looked at."""
        self.touch(list(self._rows))

    def refresh(self) -> None:
        """Read the ids again, soon; a few times a second and a fifth of the time at the most."""
        if self._query is None:
            return
        if self._loading or self._refreshing:
            self._refresh_again = True
        else:
            self._throttle.ask()

    def _start_refresh(self) -> None:
        self._refreshing = True
        self._context.start(self._refresh(self._generation))

    async def _refresh(self, generation: int) -> None:
        try:
            query = self._query
            settled, self._settled = self._settled, frozenset()
            began = time.monotonic()
            ids = await self._context.read(lambda conn: self._read_ids(conn, query, None))
            self._throttle.rest(4 * (time.monotonic() - began))
            if self._awaits(generation):
                self._whole = True
                self._leaving -= settled
                await self._take_over(self._without_leaving(ids), generation)
        finally:
            self._refreshing = False
        if self._refresh_again:
            self._refresh_again = False
            self.refresh()

    async def _take_over(self, ids: array[int], generation: int) -> None:
        old = self._ids
        span = changed_span(old, ids)
        start, old_end, new_end = span
        if start == old_end == new_end:
            self.refreshed.emit(0)
            return
        if max(old_end, new_end) - start > INLINE_DIFF:
            before = old[:]  # rows may leave meanwhile
            from asyncio import to_thread

            steps = await to_thread(difference, before, ids, span)
            if before != self._ids:
                self.refresh()
                return
        else:
            steps = difference(old, ids, span)
        if self._awaits(generation):
            self._apply(steps, ids)

    def _awaits(self, generation: int) -> bool:
        """Whether what was read is still wanted; the view may be gone by the time it is here."""
        return generation == self._generation and isValid(self)

    def _apply(self, steps: Difference, ids: array[int]) -> None:
        first = self._ids[0] if self._ids else None
        self.about_to_refresh.emit()
        for low, high in steps.removed:
            self.beginRemoveRows(QModelIndex(), low, high)
            del self._ids[low : high + 1]
            self.endRemoveRows()
        if steps.order is not None:
            self._reorder(*steps.order)
        for low, high in steps.inserted:
            self.beginInsertRows(QModelIndex(), low, high)
            self._ids[low:low] = ids[low : high + 1]
            self.endInsertRows()
        on_top = 0
        if first is not None and steps.inserted and steps.inserted[0][0] == 0:
            on_top = steps.inserted[0][1] + 1
        self.refreshed.emit(on_top)

    def _reorder(self, start: int, wanted: tuple[int, ...]) -> None:
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        keys = [self._ids[index.row()] for index in kept]
        self._ids[start : start + len(wanted)] = array("q", wanted)
        place = {key: start + row for row, key in enumerate(wanted)} if kept else {}
        self.changePersistentIndexList(
            kept,
            [
                self.index(place.get(key, index.row()), 0)
                for index, key in zip(kept, keys, strict=True)
            ],
        )
        self.layoutChanged.emit()

    # --- rows ---

    def row_of(self, key: int) -> int:
        """Return the row that shows this id, -1 where none does."""
        try:
            return self._ids.index(key)
        except ValueError:
            return -1

    def row(self, number: int) -> R | None:
        """Return a row, None while it is being read; asks for it where it is not here."""
        key = self._ids[number]
        row = self._rows.get(key)
        if row is None or key in self._stale:
            self._want(number)
        else:
            self._rows.move_to_end(key)
        return row

    def peek(self, key: int) -> R | None:
        """Return the row of an id if it is here; asks for nothing."""
        return self._rows.get(key)

    def belongs(self, row: R) -> bool:
        """Tell whether a row that was read again is still part of what is shown."""
        return True

    def _want(self, number: int) -> None:
        low = number - number % PAGE
        for at in range(low, min(low + PAGE, len(self._ids))):
            key = self._ids[at]
            if key not in self._reading and (key not in self._rows or key in self._stale):
                self._wanted.pop(key, None)  # asked for again: it is wanted most
                self._wanted[key] = at
        if self._wanted and not self._fetch.isActive():
            self._fetch.start()

    def _want_seen(self) -> None:
        """Ask for the rows on the screen that are out of date. What is unseen can wait."""
        count = len(self._ids)
        for number in self._on_screen():
            if number < count and self._ids[number] in self._stale:
                self._wanted[self._ids[number]] = number
        if self._wanted and not self._fetch.isActive():
            self._fetch.start()

    async def _read_wanted(self) -> None:
        # Whoever scrolls fast leaves pages behind unseen: only the last asked for are read.
        newest = list(self._wanted.items())[-_MOST_AT_ONCE:]
        self._wanted.clear()
        places = {key: at for key, at in newest if key not in self._reading}
        if not places:
            return
        ids = list(places)
        self._reading.update(ids)
        self._stale.difference_update(ids)
        try:
            rows = await self._context.read(lambda conn: self._read_rows(conn, ids))
        finally:
            self._reading.difference_update(ids)
        if not isValid(self):
            return
        self._take_rows(rows, places)
        self._want_seen()  # what changed once more meanwhile

    def _take_rows(self, rows: dict[int, R], places: dict[int, int]) -> None:
        staying = {key: row for key, row in rows.items() if self.belongs(row)}
        gone = [key for key in places if key not in staying]
        for key in gone:
            self._rows.pop(key, None)
        changed = [key for key, row in staying.items() if self._rows.get(key) != row]
        self._rows.update(staying)
        for key in staying:
            self._rows.move_to_end(key)
        while len(self._rows) > KEPT_ROWS:
            self._rows.popitem(last=False)
        self._drop(gone)
        self._announce({key: places[key] for key in changed})

    def _drop(self, gone: list[int]) -> None:
        """Let rows leave at once, without waiting for all the ids to be read again."""
        rows = sorted((row for key in gone if (row := self.row_of(key)) >= 0), reverse=True)
        if not rows:
            return
        self.about_to_refresh.emit()
        for row in rows:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._ids[row]
            self.endRemoveRows()
        self.refreshed.emit(0)

    def _announce(self, places: dict[int, int]) -> None:
        """Have the rows painted that are others now, and only those."""
        count = len(self._ids)
        if all(at < count and self._ids[at] == key for key, at in places.items()):
            for low, high in runs(sorted(places.values())):
                self.dataChanged.emit(self.index(low, 0), self.index(high, 0))
        elif count:  # rows came or went since they were asked for
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, 0))

    # --- Qt's side ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        if role == IdRole:
            return self._ids[index.row()]
        if role == RowRole:
            return self.row(index.row())
        return self.words(index.row(), role)

    def words(self, number: int, role: int) -> object:
        """Return what other roles say about a row; the base says nothing."""
        return None
