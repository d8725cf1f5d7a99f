"""The settings: a card with pages, and a field that finds a setting by its words.

Everything takes effect at once; there is nothing to save. A new page is a `SettingsPage` that
joins `PAGES`. UI thread only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_inbox.domain import folding
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.settings_advanced import AdvancedPage
from desktop_inbox.ui.dialogs.settings_channels import ChannelsPage
from desktop_inbox.ui.dialogs.settings_form import SettingsDesk, SettingsPage
from desktop_inbox.ui.dialogs.settings_hours import HoursPage
from desktop_inbox.ui.dialogs.settings_identities import IdentitiesPage
from desktop_inbox.ui.dialogs.settings_keyboard import KeyboardPage
from desktop_inbox.ui.dialogs.settings_notifications import NotificationsPage
from desktop_inbox.ui.dialogs.settings_pages import AppearancePage, WorkPage, YouPage
from desktop_inbox.ui.dialogs.settings_safety import BackupPage, PrivacyPage
from desktop_inbox.ui.dialogs.settings_service_levels import ServiceLevelsPage
from desktop_inbox.ui.dialogs.settings_updates import UpdatesPage
from desktop_inbox.ui.dialogs.tabbed import TabbedCard
from desktop_inbox.ui.models.accounts import Accounts
from desktop_inbox.ui.views.controls import PlainLabel

# In the order in which they stand.
PAGES: tuple[type[SettingsPage], ...] = (
    YouPage,
    IdentitiesPage,
    ChannelsPage,
    WorkPage,
    NotificationsPage,
    HoursPage,
    ServiceLevelsPage,
    AppearancePage,
    KeyboardPage,
    PrivacyPage,
    BackupPage,
    UpdatesPage,
    AdvancedPage,
)


class _Loading:
    """What the pages are reading; none of it goes on once they are gone."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ended = False

    def start(self, page: SettingsPage) -> None:
        self._context.start(self._load(page), name=f"settings {page.id}")

    async def _load(self, page: SettingsPage) -> None:
        task = asyncio.current_task(self._context.tasks.loop)  # also inside a nested Qt loop
        assert task is not None
        if self._ended:  # closed before it began
            return
        self._tasks.add(task)
        try:
            await page.load()
        finally:
            self._tasks.discard(task)

    def end(self) -> None:
        self._ended = True
        for task in tuple(self._tasks):
            task.cancel()


class SettingsDialog(TabbedCard):
    """A card over the window. `open` may name the page that is shown first."""

    def __init__(
        self,
        context: AppContext,
        accounts: Accounts,
        parent: QWidget,
        *,
        sign_in: Callable[[AccountRow], None],
    ) -> None:
        super().__init__(context, parent, title=_("Settings"))
        desk = SettingsDesk(
            context=context,
            accounts=accounts,
            window=parent,
            dismiss=self.dismiss,
            sign_in=sign_in,
        )
        self._loading = _Loading(context)
        self.destroyed.connect(self._loading.end)
        self.pages = [page(desk) for page in PAGES]
        for page in self.pages:
            self.add_page(_(type(page).title), type(page).icon, page)
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find a setting"))
        self.search.setAccessibleName(_("Find a setting"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(context.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._seek)
        self._nothing = PlainLabel(kind="muted", wrap=True)
        self._nothing.hide()
        self.put_above_tabs(self.search)
        self.put_above_tabs(self._nothing)

    def open(self, page_id: str = "") -> None:
        for page in self.pages:
            self._loading.start(page)
        self.show_card()
        names = [type(page).id for page in self.pages]
        if page_id in names:
            self.open_page(names.index(page_id))
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def page(self, page_id: str) -> SettingsPage:
        """Return a page by its id. *Raises:* StopIteration."""
        return next(page for page in self.pages if type(page).id == page_id)

    def dismiss(self) -> None:
        """Go away; what was typed a moment ago is kept."""
        for page in self.pages:
            page.keep()
        self._loading.end()
        super().dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        elif event.key() == Qt.Key.Key_F and event.modifiers() == _CTRL:
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.selectAll()
        else:
            super().keyPressEvent(event)

    def _seek(self, text: str) -> None:
        """Leave only the rows, and the pages, in which all words are found."""
        words = folding.words(text)
        found = [page.seek(words) for page in self.pages]
        for number, hits in enumerate(found):
            self.show_tab(number, shown=hits > 0 or not any(found))
        first = self._best(words, found)
        if first is not None and (not found[self.shown_page] or self._is_called(first, words)):
            self.open_page(first)
        nothing = bool(words) and first is None
        self._nothing.setText(_("No setting has these words.") if nothing else "")
        self._nothing.setVisible(nothing)
        if nothing:
            for page in self.pages:
                page.seek(())

    def _best(self, words: Sequence[str], found: Sequence[int]) -> int | None:
        """Return the page to show: one that is called so, else the first with a hit."""
        hits = [number for number, count in enumerate(found) if count]
        called = [number for number in hits if self._is_called(number, words)]
        return next(iter(called or hits), None)

    def _is_called(self, number: int, words: Sequence[str]) -> bool:
        title = folding.fold(_(type(self.pages[number]).title))
        return bool(words) and all(word in title for word in words)


_CTRL = Qt.KeyboardModifier.ControlModifier
