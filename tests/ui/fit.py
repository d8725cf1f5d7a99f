"""Looks for words that do not fit, and for widgets that lie on each other.

What is cut must say so: a label that elides tells the rest as its tooltip.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLayout,
    QLineEdit,
    QListWidget,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from desktop_inbox.ui.views.controls import ElidedLabel
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TellingList

_TOLERANCE = 1  # pixels: a layout rounds
_ITEM_PADDING = 6


def misfits(root: QWidget) -> list[str]:
    """Return what is wrong with what is shown under a widget, one line each."""
    found: list[str] = []
    for widget in _shown(root):
        told = [*_cut(widget), *_lying_on_each_other(widget), *_sticking_out(widget)]
        found += [f"{_called(widget)}: {one}" for one in told]
    return found


def _shown(root: QWidget) -> Iterator[QWidget]:
    """Yield all that is shown, also what a scroll area has further down."""
    yield root
    for child in root.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield from _shown(child)


def _cut(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        yield from _cut_label(widget)
    elif isinstance(widget, QAbstractButton) and widget.text():
        if not isinstance(widget.parent(), QLineEdit):  # there it is a picture
            yield from _too_small(widget)
    elif isinstance(widget, QComboBox):
        yield from _cut_choice(widget)
    elif isinstance(widget, QAbstractSpinBox):
        yield from _too_small(widget)
    elif isinstance(widget, QLineEdit) and not widget.text():
        room = widget.contentsRect().width() - widget.textMargins().left() - _edge(widget)
        if _wide(widget, widget.placeholderText()) > room and not widget.toolTip():
            yield f"“{widget.placeholderText()}” is cut"
    elif isinstance(widget, QListWidget) and not isinstance(widget, TellingList):
        yield from _cut_items(widget)


def _edge(field: QLineEdit) -> int:
    """What the sides of a field take, and what stands in it before the words."""
    hint = field.sizeHint().width() - QFontMetrics(field.font()).horizontalAdvance("x" * 17)
    return max(0, hint) if field.actions() else 2 * 9


def _cut_label(label: QLabel) -> Iterator[str]:
    if not label.text():
        return
    if isinstance(label, ElidedLabel):
        if _wide(label, label.full_text()) > label.contentsRect().width() and not label.toolTip():
            yield f"“{label.full_text()}” is elided and told nowhere"
        if label.height() < QFontMetrics(label.font()).height() - _TOLERANCE:
            yield f"“{label.full_text()}” is too low"
        return
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if needed > label.height() + _TOLERANCE:
            yield f"“{label.text()}” takes {needed} px of height and has {label.height()}"
        longest = max(label.text().split() or [""], key=lambda word: _wide(label, word))
        if label.textFormat() is Qt.TextFormat.PlainText and (
            _wide(label, longest) > label.contentsRect().width() + _TOLERANCE
        ):
            yield f"“{longest}” is cut"
        return
    yield from _too_small(label)


def _too_small(widget: QLabel | QAbstractButton | QAbstractSpinBox) -> Iterator[str]:
    hint = widget.sizeHint()
    if hint.width() > widget.width() + _TOLERANCE and not widget.toolTip():
        yield f"“{widget.text()}” takes {hint.width()} px and has {widget.width()}"
    if hint.height() > widget.height() + _TOLERANCE:
        yield f"“{widget.text()}” takes {hint.height()} px of height and has {widget.height()}"


def _cut_choice(box: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    style = QStyle.SubControl.SC_ComboBoxEditField
    room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, style, box)
    if _wide(box, box.currentText()) > room.width() + _TOLERANCE and not box.toolTip():
        yield f"“{box.currentText()}” is cut: {room.width()} px"


def _cut_items(items: QListWidget) -> Iterator[str]:
    room = items.viewport().width() - _ITEM_PADDING
    for row in range(min(items.count(), 50)):
        item = items.item(row)
        for line in item.text().split("\n"):
            if _wide(items, line) > room and not item.toolTip():
                yield f"“{line}” is cut"


def _wide(widget: QWidget, text: str) -> int:
    return max(QFontMetrics(widget.font()).horizontalAdvance(x) for x in text.split("\n"))


# --- where things lie ---


def _lying_on_each_other(widget: QWidget) -> Iterator[str]:
    layout = widget.layout()
    if layout is None:
        return
    laid = [one for one in _laid_out(layout) if one.isVisible() and not isinstance(one, Overlay)]
    for one, other in combinations(laid, 2):
        common = one.geometry().intersected(other.geometry())
        if common.width() > _TOLERANCE and common.height() > _TOLERANCE:
            yield f"{_called(one)} lies on {_called(other)} ({common.width()}x{common.height()} px)"


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)


def _sticking_out(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QScrollArea):
        inside = widget.widget()
        if inside is not None and inside.width() > widget.viewport().width() + _TOLERANCE:
            yield f"scrolls sideways: {inside.width()} px in {widget.viewport().width()}"
        return
    layout = widget.layout()
    if layout is None:
        return
    for one in _laid_out(layout):
        outside = one.isVisible() and not widget.rect().contains(one.geometry())
        if outside and _beyond(widget.rect(), one.geometry()) > _TOLERANCE:
            yield f"{_called(one)} sticks out by {_beyond(widget.rect(), one.geometry())} px"


def _beyond(room: QRect, rect: QRect) -> int:
    low: QPoint = rect.bottomRight() - room.bottomRight()
    high: QPoint = room.topLeft() - rect.topLeft()
    return max(low.x(), low.y(), high.x(), high.y())


def _called(widget: QWidget) -> str:
    names: list[str] = []
    here: QWidget | None = widget
    while here is not None and len(names) < 3:
        names.append(type(here).__name__ + (f"#{here.objectName()}" if here.objectName() else ""))
        here = here.parentWidget()
    return " < ".join(names)
