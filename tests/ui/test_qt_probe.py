"""PySide6 6.12.0 drops one reference too many to None and True on Python 3.11, and so aborts.

The probe makes the calls that were hit, a few thousand times, and counts references: an upgrade
that brings the fault back fails here instead of after minutes of use.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from pytestqt.qtbot import QtBot

Index = QModelIndex | QPersistentModelIndex
CALLS = 2000
# Other code may let go of some meanwhile; the fault costs at least one a call.
TOLERATED_LOSS = CALLS // 2


class _Emitter(QObject):
    said = Signal(object)
    flagged = Signal(bool)


class _Model(QAbstractTableModel):
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 1

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return None if role == Qt.ItemDataRole.DisplayRole else True


def _emit() -> None:
    emitter = _Emitter()
    emitter.said.connect(lambda _value: None)
    emitter.flagged.connect(lambda _value: None)
    for _ in range(CALLS):
        emitter.said.emit(None)
        emitter.flagged.emit(True)


def _connect() -> None:
    emitter = _Emitter()

    def slot(value: object) -> None:
        pass

    for _ in range(CALLS):
        emitter.said.connect(slot)
        emitter.said.disconnect(slot)


def _timers() -> None:
    fired: list[bool] = []
    for _ in range(CALLS):
        QTimer.singleShot(0, lambda: fired.append(True))
    while len(fired) < CALLS:
        QCoreApplication.processEvents()


def _model_data() -> None:
    model = _Model()
    index = model.index(0, 0)
    for _ in range(CALLS):
        index.data(Qt.ItemDataRole.DisplayRole)
        index.data(Qt.ItemDataRole.CheckStateRole)


def _properties() -> None:
    thing = QObject()
    for _ in range(CALLS):
        thing.setProperty("flag", True)
        thing.property("flag")
        thing.property("missing")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal from 3.12 on")
@pytest.mark.parametrize("probe", [_emit, _connect, _timers, _model_data, _properties])
@pytest.mark.parametrize("constant", [None, True], ids=repr)
def test_qt_calls_take_no_reference_that_is_not_theirs(
    qtbot: QtBot, probe: Callable[[], None], constant: object
) -> None:
    gc.collect()  # what earlier tests left behind holds references too
    before = sys.getrefcount(constant)
    probe()
    assert sys.getrefcount(constant) > before - TOLERATED_LOSS
