"""The button in the head of the list that says and changes what it is sorted by. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from desktop_inbox.i18n import N_, _
from desktop_inbox.ui import icons
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.tokens import SIZES

# By the names of store.lists.SORT_KEYS.
_WORDS = {
    "newest": N_("Newest first"),
    "waiting": N_("Waiting longest"),
    "due": N_("Next due"),
    "priority": N_("Priority"),
}


class SortButton(QToolButton):
    """Opens a small menu of the orders, the one in force checked."""

    chosen = Signal(str)  # a name of store.lists.SORT_KEYS

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(icons.icon(theme, "arrow-down-wide-narrow"))
        self.setIconSize(QSize(SIZES.icon, SIZES.icon))
        self.setProperty("kind", "icon")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setTitle(_("Sort by"))
        menu.setAccessibleName(_("Sort by"))
        group = QActionGroup(self)
        self._actions = {name: self._offer(menu, group, name) for name in _WORDS}
        self.setMenu(menu)
        self.show_sort("newest")

    def show_sort(self, sort: str) -> None:
        """Show which order is in force."""
        self._actions[sort].setChecked(True)
        words = _("Sort by: {order}").format(order=_(_WORDS[sort]))
        self.setToolTip(words)
        self.setAccessibleName(words)

    def _offer(self, menu: QMenu, group: QActionGroup, name: str) -> QAction:
        action = menu.addAction(_(_WORDS[name]))
        action.setCheckable(True)
        group.addAction(action)
        action.triggered.connect(lambda _checked=False: self.chosen.emit(name))
        return action
