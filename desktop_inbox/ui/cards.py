"""What opens over the window, or beside it: settings, editors and pages of their own.

Each is imported when somebody first asks for it. UI thread only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views.view_choice import saved_choice

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_inbox.store.rows import SavedViewRow
    from desktop_inbox.ui.main_window import MainWindow


class Cards:
    """Opens the cards of one window over its `ground`."""

    def __init__(self, context: AppContext, window: MainWindow, ground: QWidget) -> None:
        self._window = window
        self._context = context
        self._ground = ground
        self._context.settings_requested.connect(self.open_settings)
        for action_id, slot in (
            ("settings", self.open_settings),
            ("canned.manage", self.open_canned),
            ("view.new", self.edit_view),
            ("phone.log", self.open_phone_log),
            ("go.customers", self.open_customers),
            ("go.activity", self.open_activity),
        ):
            self._context.actions.on(action_id, slot)

    def open_settings(self, page_id: str = "") -> None:
        """Show the settings, a page of them where it is named."""
        from desktop_inbox.ui.dialogs.settings import SettingsDialog

        window = self._window
        dialog = SettingsDialog(
            self._context, window.accounts, self._ground, sign_in=window.pages.sign_in_again
        )
        dialog.closed.connect(dialog.deleteLater)
        dialog.open(page_id)

    def open_canned(self) -> None:
        """Show the page of canned responses."""
        from desktop_inbox.ui.dialogs.canned_responses import CannedResponses

        page = CannedResponses(self._context, self._ground)
        page.closed.connect(page.deleteLater)
        page.open()

    def edit_view(self, row: SavedViewRow | None = None) -> None:
        """Let the person make a view, or change one; a new one is shown then."""
        from desktop_inbox.ui.dialogs.view_editor import ViewEditor

        editor = ViewEditor(self._context, self._ground, row)
        if row is None:
            navigation = self._window.navigation
            editor.saved.connect(lambda key, name: navigation.choose(saved_choice(key, name)))
        editor.closed.connect(editor.deleteLater)
        editor.open()

    def open_phone_log(self) -> None:
        """Let the person write down a call or a visit."""
        from desktop_inbox.ui.dialogs.phone_log import PhoneLog

        self._window.pages.close_setup()
        PhoneLog(self._context, self._ground).open()

    def open_customers(self) -> None:
        """Show every customer, in a window of its own."""
        from desktop_inbox.ui.views.customers_page import CustomersPage

        CustomersPage(self._context, parent=self._window).open()

    def open_activity(self) -> None:
        """Show what was done here, to look at or to undo."""
        from desktop_inbox.ui.dialogs.activity import ActivityPage

        page = ActivityPage(self._context, self._ground)
        page.closed.connect(page.deleteLater)
        page.open()
