"""How well words stand out from what is really painted behind them (WCAG 2, 1.4.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QFontInfo, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QTextEdit,
    QToolButton,
    QWidget,
)

ENOUGH, ENOUGH_LARGE = 4.5, 3.0
_LARGE, _LARGE_BOLD = 24, 18.66  # pixels


def luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: QColor, second: QColor) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def faint(root: QWidget) -> list[str]:
    """Return the words under a widget that cannot be read well enough, one line each."""
    picture = root.grab().toImage()
    found = []
    for widget in _with_words(root):
        seen = widget.visibleRegion().boundingRect()
        if seen.height() * 2 <= widget.height():  # out of view, or the edge of what can be scrolled
            continue
        place = seen.translated(widget.mapTo(root, QPoint()))
        ground = _ground(picture, place)
        ink = _painted(picture, place, ground) if _paints_itself(widget) else _ink(widget)
        ratio = contrast(ink, ground)
        if ratio < _enough(widget):
            words = getattr(widget, "text", lambda: "")() or type(widget).__name__
            found.append(f"“{words}”: {ink.name()} on {ground.name()} is {ratio:.2f}")
    return found


def _with_words(root: QWidget) -> Iterator[QWidget]:
    fields = (QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or not widget.isEnabled() or widget.window() is not root.window():
            continue
        if isinstance(widget, fields) or (
            isinstance(widget, QLabel | QAbstractButton) and widget.text()
        ):
            yield widget


def _paints_itself(widget: QWidget) -> bool:
    """Tell whether the palette does not know the ink: in a state, or of a button of ours."""
    plain = isinstance(widget, QPushButton | QToolButton | QCheckBox | QRadioButton)
    if not isinstance(widget, QAbstractButton):
        return False
    return not plain or widget.isChecked() or getattr(widget, "isDefault", bool)()


def _ink(widget: QWidget) -> QColor:
    palette = widget.palette()
    if isinstance(widget, QLabel):
        return palette.color(QPalette.ColorRole.WindowText)
    if isinstance(widget, QLineEdit) and not widget.text():
        return palette.color(QPalette.ColorRole.PlaceholderText)
    if isinstance(widget, QAbstractButton):
        return palette.color(QPalette.ColorRole.ButtonText)
    return palette.color(QPalette.ColorRole.Text)


def _ground(picture: QImage, place: QRect) -> QColor:
    """Return the colour of most of what is painted along the edge of a place, inside its frame."""
    inset = 3 if min(place.width(), place.height()) > 20 else 0
    rect = place.adjusted(inset, inset, -inset, -inset)
    across = [
        (x, y) for x in _between(rect.left(), rect.right()) for y in (rect.top(), rect.bottom())
    ]
    down = [
        (x, y) for y in _between(rect.top(), rect.bottom()) for x in (rect.left(), rect.right())
    ]
    counted = Counter(_colours(picture, across + down))
    return QColor.fromRgba(counted.most_common(1)[0][0])


def _painted(picture: QImage, place: QRect, ground: QColor) -> QColor:
    """Return the colour in a place that stands out most."""
    points = [
        (x, y)
        for x in range(place.left() + 4, place.right() - 3)
        for y in range(place.top() + 4, place.bottom() - 3)
    ]
    every = [QColor.fromRgba(one) for one in set(_colours(picture, points))] or [ground]
    return max(every, key=lambda one: contrast(one, ground))


def _between(first: int, last: int) -> range:
    return range(first, last + 1, max(1, (last - first) // 80))


def _colours(picture: QImage, points: list[tuple[int, int]]) -> Iterator[int]:
    scale, size = picture.devicePixelRatio(), picture.size()
    for x, y in points:
        at = QPoint(round(x * scale), round(y * scale))
        if QRect(QPoint(), size).contains(at):
            yield picture.pixel(at)


def _enough(widget: QWidget) -> float:
    font = QFontInfo(widget.font())
    large = font.pixelSize() >= (_LARGE_BOLD if font.bold() else _LARGE)
    return ENOUGH_LARGE if large else ENOUGH
