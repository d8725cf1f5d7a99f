"""Small controls of the thread: labels for foreign text, icon and link buttons, safe tooltips."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from desktop_inbox.domain.customers import visible
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractSpinBox

_LONGEST_TOOLTIP = 2000  # characters
_LONGEST_TIP_LINE = 80  # characters that stay on one line
_FIELD_AIR = 7

Field = TypeVar("Field", bound="QAbstractSpinBox")


def tooltip(text: str) -> str:
    """Foreign text for a tooltip, which would read it as HTML wherever it looks like some."""
    if not text:
        return ""
    from html import escape  # brings a long table, and the first frame has no tooltips

    lines = text[:_LONGEST_TOOLTIP].split("\n")
    shown = "<br>".join(escape(visible(line)) for line in lines)
    if max(map(len, lines)) > _LONGEST_TIP_LINE:
        return f"<qt>{shown}</qt>"
    return f"<qt style='white-space: nowrap'>{shown}</qt>"  # Qt would break even short lines


class PlainLabel(QLabel):
    """A label that never reads its text as HTML. `kind` is a style of the theme."""

    def __init__(
        self, text: str = "", *, kind: str = "", wrap: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setText(text)
        if kind:
            self.setProperty("kind", kind)


class IconMark(QWidget):
    """An icon that stands beside words and follows the theme. Says nothing to a screen reader."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        colour: str = "muted",
        size: int = 16,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._colour = colour
        self._name = ""
        self.setFixedSize(size, size)
        self.show_icon(name)
        theme.changed.connect(self.update)

    def show_icon(self, name: str) -> None:
        if name != self._name:
            self._name = name
            self._icon = icons.icon(self._theme, name, colour=self._colour)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())


class RemovableChip(QAbstractButton):
    """Something chosen that Delete, Backspace or a click on its cross takes off again."""

    removed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @abstractmethod
    def _cross(self) -> QRectF:
        """Where the cross is drawn."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._cross().contains(event.position()):
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)


class ElidedLabel(PlainLabel):
    """One line that gives way: what does not fit ends in … and is told by the tooltip."""

    def __init__(self, text: str = "", *, kind: str = "", parent: QWidget | None = None) -> None:
        self._full = visible(text)
        self._tip = ""
        super().__init__(self._full, kind=kind, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        line = visible(text)
        if line == self._full:
            return
        self._full = line
        super().setText(self._full)
        self.setAccessibleName(self._full)
        self.updateGeometry()
        self._tell_rest()

    def full_text(self) -> str:
        return self._full

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_rest()

    def tell(self, tip: str) -> None:
        """Have the tooltip say this, whether or not there is room for the line."""
        self._tip = tip
        self._tell_rest()

    def _tell_rest(self) -> None:
        """Have the tooltip say what there is no room for, once its room is known."""
        placed = not self.testAttribute(Qt.WidgetAttribute.WA_PendingResizeEvent)
        rest = self._full if placed and self._elided() != self._full else ""
        self.setToolTip(tooltip(self._tip or rest))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        painter.drawText(
            self.contentsRect(),
            self.alignment() | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
            self._elided(),
        )
        painter.end()

    def _elided(self) -> str:
        room = self.contentsRect().width()
        return QFontMetrics(self.font()).elidedText(self._full, Qt.TextElideMode.ElideRight, room)


def icon_button(
    theme: Theme,
    icon: str,
    name: str,
    *,
    clicked: Callable[[], object] | None = None,
    parent: QWidget | None = None,
) -> QToolButton:
    """A square button without words; `name` is what it is called and its tooltip."""
    button = QToolButton(parent)
    button.setIcon(icons.icon(theme, icon))
    button.setIconSize(QSize(SIZES.icon, SIZES.icon))
    button.setProperty("kind", "icon")
    button.setToolTip(name)
    button.setAccessibleName(name)
    if clicked is not None:
        button.clicked.connect(lambda _checked=False: clicked())
    return button


def with_air(field: Field) -> Field:
    """A field with arrows whose words keep off its edge, where a style sheet lets them lie."""
    field.lineEdit().setTextMargins(_FIELD_AIR, 0, 0, 0)
    return field


def link_button(
    text: str, *, clicked: Callable[[], object] | None = None, parent: QWidget | None = None
) -> QPushButton:
    """A word that can be pressed."""
    return _button(text, "link", clicked, parent)


def button(
    text: str,
    *,
    kind: str = "secondary",
    clicked: Callable[[], object] | None = None,
    parent: QWidget | None = None,
) -> QPushButton:
    """A button with words in one of the theme's kinds."""
    return _button(text, kind, clicked, parent)


def _button(
    text: str, kind: str, clicked: Callable[[], object] | None, parent: QWidget | None
) -> QPushButton:
    made = QPushButton(text, parent)
    made.setProperty("kind", kind)
    made.setAccessibleName(text.replace("&", ""))
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if clicked is not None:
        made.clicked.connect(lambda _checked=False: clicked())
    return made


def restyle(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties that the style sheet looks at, and let it look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
