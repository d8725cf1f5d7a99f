"""The order in which Tab goes from control to control: as the eye reads, however late one is built.

Qt goes in the order in which widgets were made. Here the order is read off the layouts at each
press: panes from the side a line begins on, then lines from the top. UI thread only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QBoxLayout,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLayout,
    QLineEdit,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)

_WHOLE = (QAbstractSpinBox, QComboBox, QLineEdit)  # made of parts that are no controls themselves
_BACKWARDS = (QBoxLayout.Direction.RightToLeft, QBoxLayout.Direction.BottomToTop)


def step(root: QWidget, *, forward: bool) -> bool:
    """Give the focus to the next control of a window or a card; after the last comes the first.

    False where this system leaves controls out, or there is none: then Qt's own way is right.
    """
    behaviour = QGuiApplication.styleHints().tabFocusBehavior()
    if behaviour != Qt.TabFocusBehavior.TabFocusAllControls:
        return False
    found = controls(root)
    if not found:
        return False
    place = _place(found, QApplication.focusWidget())
    if place is None:
        after = 0 if forward else -1
    else:
        after = (place + (1 if forward else -1)) % len(found)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    found[after].setFocus(reason)
    _bring_into_view(found[after])
    return True


def controls(root: QWidget) -> list[QWidget]:
    """Return what Tab reaches under a widget, in the order of the eye."""
    return list(_reached(root))


def _place(found: list[QWidget], focused: QWidget | None) -> int | None:
    """Where one is: at the control that has the focus, or at the one that it is a part of."""
    while focused is not None:
        if focused in found:
            return found.index(focused)
        focused = focused.parentWidget()
    return None


def _reached(widget: QWidget) -> Iterator[QWidget]:
    if _takes_tab(widget):
        yield widget
    if isinstance(widget, _WHOLE):
        return
    for child in _in_order(widget):
        if not child.isHidden() and not child.isWindow():
            yield from _reached(child)


def _takes_tab(widget: QWidget) -> bool:
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(by_tab) and widget.isEnabled() and widget.focusProxy() is None


def _in_order(widget: QWidget) -> list[QWidget]:
    """Return the children of a widget as the eye meets them."""
    if isinstance(widget, QSplitter):
        every = (widget.widget(place) for place in range(widget.count()))
        return [one for one in every if one is not None]
    if isinstance(widget, QStackedWidget):
        page = widget.currentWidget()
        return [] if page is None else [page]
    if isinstance(widget, QScrollArea):
        inside = widget.widget()
        return [] if inside is None else [inside]
    layout = widget.layout()
    laid = [] if layout is None else list(_laid_out(layout))
    others = [
        child
        for child in widget.children()
        if isinstance(child, QWidget) and child not in laid and not child.isWindow()
    ]
    return laid + _by_lines(others, mirrored=_mirrored(widget))


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for place in _places(layout):
        item = layout.itemAt(place)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)


def _places(layout: QLayout) -> list[int]:
    """Return the places of a layout in the order in which they are read."""
    every = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        return sorted(every, key=lambda place: layout.getItemPosition(place)[:2])  # type: ignore[index]
    if isinstance(layout, QFormLayout):
        return sorted(every, key=lambda place: _of_form(layout, place))
    if isinstance(layout, QBoxLayout) and layout.direction() in _BACKWARDS:
        return every[::-1]
    return every


def _of_form(layout: QFormLayout, place: int) -> tuple[int, int]:
    found: Any = layout.getItemPosition(place)  # the stub forgets that it is a tuple
    row, role = found
    return row, role.value


def _by_lines(widgets: list[QWidget], *, mirrored: bool) -> list[QWidget]:
    """Put what no layout holds into lines: what begins above the middle of a line stands in it."""
    lines: list[list[QWidget]] = []
    middle = 0
    for widget in sorted(widgets, key=lambda one: one.geometry().top()):
        rect: QRect = widget.geometry()
        if not lines or rect.top() > middle:
            lines.append([])
            middle = rect.center().y()
        lines[-1].append(widget)
    for line in lines:
        line.sort(key=lambda one: one.geometry().left(), reverse=mirrored)
    return [widget for line in lines for widget in line]


def _mirrored(widget: QWidget) -> bool:
    return widget.layoutDirection() == Qt.LayoutDirection.RightToLeft


def _bring_into_view(widget: QWidget) -> None:
    """Scroll what lies further down to where it is seen."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()
