"""Offers the people of this workspace while `@…` is typed in a note."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.folding import fold
from desktop_inbox.domain.mentions import handles
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AgentRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.controls import tooltip

_MOST = 6
_WIDTH = 240
_FRAME = 8  # what lies around the lines
_HANDLE = Qt.ItemDataRole.UserRole


class MentionOffers(QObject):
    """Serves one editor; its list lies above the caret's line."""

    def __init__(self, editor: ComposerEditor, card: QWidget, *, theme: Theme) -> None:
        super().__init__(editor)
        self._editor = editor
        self._theme = theme
        self._handles: dict[str, AgentRow] = {}
        self.list = QListWidget(card)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setProperty("kind", "offers")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(_("Mention somebody"))
        self.list.itemClicked.connect(lambda _item: self._take())
        self.list.hide()
        editor.mention_changed.connect(self._offer)
        editor.height_wanted.connect(self._follow, Qt.ConnectionType.QueuedConnection)
        editor.picker_key.connect(self._on_key)

    def set_agents(self, agents: Sequence[AgentRow]) -> None:
        """Who can be mentioned; nobody outside a note."""
        self._handles = handles([(agent, agent.name) for agent in agents])
        self._editor.looks.set_mentions(list(self._handles))
        if not self._handles:
            self._offer(None)

    def offered(self) -> list[str]:
        """The handles on offer."""
        if self.list.isHidden():
            return []
        return [self.list.item(row).data(_HANDLE) for row in range(self.list.count())]

    def _offer(self, typed: str | None) -> None:
        found = [] if typed is None else [h for h in self._handles if _fits(h, typed)]
        self.list.clear()
        for handle in found[:_MOST]:
            name = visible(self._handles[handle].name)
            item = QListWidgetItem(f"{handle}  ·  {name}")
            item.setData(_HANDLE, handle)
            item.setToolTip(tooltip(name))
            self.list.addItem(item)
        shown = bool(found)
        if shown or not self.list.isHidden():
            self._editor.picking = shown
        self.list.setVisible(shown)
        if shown:
            self.list.setCurrentRow(0)
            self._place()

    def _follow(self) -> None:
        """Stay above the caret's line when the text grows."""
        if not self.list.isHidden():
            self._place()

    def _place(self) -> None:
        host = self.list.parentWidget()
        if host is None:
            return
        rows = self.list.count()
        height = self.list.sizeHintForRow(0) * rows + _FRAME
        caret = self._editor.cursorRect()
        at = self._editor.viewport().mapTo(host, QPoint(caret.left(), caret.top()))
        width = self._theme.px(_WIDTH)
        left = max(min(at.x(), host.width() - width - 24), 4)
        self.list.setGeometry(left, max(at.y() - height - 4, 4), width, height)
        self.list.raise_()

    def _on_key(self, key: int) -> None:
        if self.list.isHidden():
            return
        if key == Qt.Key.Key_Escape:
            self._offer(None)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
        else:
            self._take()

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._editor.replace_trigger(f"{item.data(_HANDLE)} ", sign="@")
        self._offer(None)
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)


def _fits(name: str, typed: str) -> bool:
    return fold(name.removeprefix("@")).startswith(fold(typed))
