"""Which tags a conversation bears: checked where it does; typing filters, or names a new one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget, QWidgetAction

from desktop_inbox.domain.folding import fold
from desktop_inbox.i18n import _
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.ui.theme import Theme


class TagMenu(QMenu):
    """Lists every tag. Stays open, so that several can be chosen."""

    toggled = Signal(object, bool)  # TagRow, whether the conversation bears it now
    created = Signal(str)  # the name of a tag that does not exist yet
    manage_wanted = Signal()  # the page on which tags are kept

    def __init__(
        self,
        theme: Theme,
        *,
        tags: Sequence[TagRow],
        chosen: Collection[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setTitle(_("Tags"))
        self.setAccessibleName(_("Tags"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Find or create a tag"))
        self.field.setAccessibleName(_("Find or create a tag"))
        self.field.setMaxLength(60)
        self.field.setMinimumWidth(220)
        self.field.textChanged.connect(self._filter)
        self.field.returnPressed.connect(self._take_first)
        holder = QWidgetAction(self)
        holder.setDefaultWidget(self.field)
        holder.setText(_("Find or create a tag"))
        self.addAction(holder)
        self._entries = [(tag, self._entry(tag, checked=tag.id in chosen)) for tag in tags]
        self._create = QAction(self)
        self._create.triggered.connect(self._create_tag)
        self.addAction(self._create)
        self.addSeparator()
        self.addAction(_("Manage tags…"), self.manage_wanted.emit)
        self._filter("")

    def shown(self) -> list[str]:
        """The names of the tags that pass the filter."""
        return [tag.name for tag, action in self._entries if action.isVisible()]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._trigger_active()
            return
        super().keyPressEvent(event)

    def _trigger_active(self) -> None:
        """Toggle without closing, as QMenu itself would."""
        for _tag, action in self._entries:
            if action is self.activeAction():
                action.toggle()

    def _entry(self, tag: TagRow, *, checked: bool) -> QAction:
        action = self.addAction(tag_icon(self._theme, tag.hue), tag.name.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(checked)
        action.toggled.connect(lambda on: self.toggled.emit(tag, on))
        return action

    def _filter(self, text: str) -> None:
        wanted = fold(text.strip())
        exact = False
        for tag, action in self._entries:
            action.setVisible(wanted in fold(tag.name))
            exact = exact or fold(tag.name) == wanted
        self._create.setVisible(bool(wanted) and not exact)
        self._create.setText(_("Create “{name}”").format(name=text.strip()).replace("&", "&&"))

    def _take_first(self) -> None:
        """Enter: toggle the only match, or create what was typed."""
        if self._create.isVisible():
            self._create_tag()
            return
        visible = [action for _tag, action in self._entries if action.isVisible()]
        if self.field.text().strip() and visible:
            visible[0].toggle()
            self.close()

    def _create_tag(self) -> None:
        name = self.field.text().strip()
        if name:
            self.created.emit(name)
            self.close()


def tag_icon(theme: Theme, hue: int) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.tag_dot(hue))
    painter.drawRoundedRect(3, 3, 18, 18, 6, 6)
    painter.end()
    return QIcon(pixmap)
