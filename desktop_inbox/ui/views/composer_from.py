"""Who a message goes out as: a line above its recipients where there is a choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.identities import OwnIdentity
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel
from desktop_inbox.ui.views.pill import Pill

Choice = tuple[AccountRow, OwnIdentity]


class FromLine(QWidget):
    """Shows the identity, and offers the others."""

    chosen = Signal(int, str)  # account, uid of the identity

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self._current: Choice | None = None
        self._pill = Pill(theme, menu=self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 0)
        row.setSpacing(4)
        row.addWidget(PlainLabel(_("From"), kind="caption"))
        row.addWidget(self._pill)
        row.addStretch(1)
        self.hide()

    @property
    def shown(self) -> str:
        """What it says."""
        return told(self._current[1]) if self._current is not None else ""

    def show_choices(self, choices: Sequence[Choice], current: Choice | None) -> None:
        """Show who is chosen of these; hide where there is nothing to choose."""
        self._choices, self._current = tuple(choices), current
        self.setVisible(len(self._choices) > 1 and current is not None)
        self._pill.show_words(self.shown, on=False, arrow=True)
        self._pill.setAccessibleName(_("From {address}").format(address=self.shown))

    def menu(self) -> QMenu:
        """Everybody it may go out as."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        add_senders(menu, self._choices, self._current, self.chosen.emit)
        return menu


def add_senders(
    menu: QMenu,
    choices: Sequence[Choice],
    current: Choice | None,
    choose: Callable[[int, str], object],
) -> None:
    """Put everybody a message may go out as into a menu."""
    for account, identity in choices:
        words = told(identity).replace("&", "&&")
        action = menu.addAction(words, partial(choose, account.id, identity.uid))
        action.setCheckable(True)
        action.setChecked(current == (account, identity))


def told(identity: OwnIdentity) -> str:
    """An identity in a menu."""
    return visible(str(identity.sender))
