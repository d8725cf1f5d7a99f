"""What the program says of itself: the guide, the tips, what is new, and reports for support.

Owns the actions of the help menu; each window behind them is built when it is first asked for.
UI thread only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QMenu, QWidget

import desktop_inbox
from desktop_inbox import crashes
from desktop_inbox.i18n import _
from desktop_inbox.ui import action_menu
from desktop_inbox.ui.context import AppContext, Banner, Notice
from desktop_inbox.ui.updates import Updates

if TYPE_CHECKING:
    from desktop_inbox.ui.help_window import HelpWindow
    from desktop_inbox.ui.main_window import MainWindow

_SETTINGS = "desktop_inbox.ui.dialogs.settings"
_SETTLE_MS = 600  # the panes come first
_NEWS_SECONDS = 20
_TIPS_KEY = "tips"
_REPORT_KEY = "report"
_MENU = ("guide", "help", "tips", "", "news", "updates", "", "report")


class HelpDesk(QObject):
    """One for each main window."""

    def __init__(self, context: AppContext, window: MainWindow, ground: QWidget) -> None:
        """`ground` is the part of the window that cards lie on."""
        super().__init__(window)
        self._context = context
        self._window = window
        self._ground = ground
        self._guide: HelpWindow | None = None
        self._welcomed = False
        self.updates = Updates(context, show_news=self.open_news)
        for action_id, slot in (
            ("guide", self.open_guide),
            ("news", self.open_news),
            ("updates", self.updates.look),
            ("report", self.open_report),
            ("tips", self.start_tips),
        ):
            context.actions.on(action_id, slot)
        window.closed.connect(self._close)
        window.pages.turned.connect(self._follow_pages)
        self._follow_pages()
        self._say_what_is_new()
        self._say_how_it_ended()

    # --- by itself ---

    def _follow_pages(self) -> None:
        """Start the tour once somebody new comes from the welcome page to a first inbox."""
        pages = self._window.pages
        if pages.welcoming:
            self._welcomed = True
        elif self._welcomed and pages.setup is None:
            self._welcomed = False
            self._say_where_older_mail_is()
            if not self._context.settings.tips_seen:
                QTimer.singleShot(_SETTLE_MS, self, self.start_tips)

    def _say_where_older_mail_is(self) -> None:
        """An inbox that is nearly empty after a first sync looks as if mail were missing."""
        if any(row.settings.get("closed_before") for row in self._window.accounts.rows):
            words = _("Older mail arrives under Closed. Search finds it, too.")
            notice = Notice(text=words, seconds=_NEWS_SECONDS, key="older")
            self._context.notice.emit(notice)

    def _say_what_is_new(self) -> None:
        """After an upgrade, offer what is new; a first start has nothing old to compare."""
        settings = self._context.settings
        before, settings.news_seen = settings.news_seen, desktop_inbox.__version__
        if before and before != desktop_inbox.__version__:
            words = _("This is Desktop Inbox {version} now.")
            self._context.notice.emit(
                Notice(
                    text=words.format(version=desktop_inbox.__version__),
                    action_text=_("What is new"),
                    action=self.open_news,
                    seconds=_NEWS_SECONDS,
                    key="news",
                )
            )

    def _say_how_it_ended(self) -> None:
        """After an end in the middle, offer what is known of it."""
        if crashes.found():
            self._context.banner.emit(
                Banner(
                    text=_(
                        "Desktop Inbox ended in the middle last time. Everything that was stored "
                        "is here; what was being sent is looked for."
                    ),
                    tone="warn",
                    action_text=_("Look at the report"),
                    action=self._show_how_it_ended,
                    key="crash",
                )
            )

    def _show_how_it_ended(self) -> None:
        from desktop_inbox.ui.dialogs.crash import Ended

        Ended(crashes.found(), self._window).open()

    def offer_tips(self) -> None:
        """Ask whoever looks around whether they want the tour, for as long as they look."""
        self._context.banner.emit(
            Banner(
                text=_("New here? Five tips show you around."),
                tone="accent",
                action_text=_("Show me"),
                action=self.start_tips,
                key=_TIPS_KEY,
            )
        )

    # --- on request ---

    def start_tips(self) -> None:
        """Walk through the tips from the first one."""
        from desktop_inbox.ui.tips import Tips

        if self._window.pages.welcoming or self._window.findChild(Tips) is not None:
            return  # there is nothing to point at yet, or it is pointed at already
        self._context.banner_cleared.emit(_TIPS_KEY)
        self._context.focus_list_requested.emit()
        Tips(self._context, self._window, self._ground)

    def open_guide(self, page: str = "") -> None:
        """Show the guide, at the page for where the person is unless one is named."""
        from desktop_inbox.ui.help_window import HelpWindow

        page = page or self._page_here()
        if self._guide is None:
            self._guide = HelpWindow(self._context, self._window)
        self._guide.open(page)

    def open_news(self) -> None:
        """Show what is new, also in a newer version where one was found."""
        from desktop_inbox.ui.dialogs.news import NewsCard

        card = NewsCard(self._context, self._ground, self.updates)
        card.closed.connect(card.deleteLater)
        card.open()

    def open_report(self) -> None:
        """Look at everything that support asks for, and show it."""
        self._context.start(self._report(), name="report")

    async def _report(self) -> None:
        from desktop_inbox import log
        from desktop_inbox.services import doctor
        from desktop_inbox.ui.dialogs.report import ReportDialog

        context = self._context
        context.notice.emit(Notice(text=_("Looking at everything…"), seconds=60, key=_REPORT_KEY))
        paths = {"data": context.workspace.data_dir}
        if context.settings.path is not None:
            paths["config"] = context.settings.path.parent
        if (logs := log.folder()) is not None:
            paths["logs"] = logs
        try:
            found = await context.tasks.aside(
                lambda: doctor.examine(context.workspace, context.secrets, paths)
            )
        finally:
            context.notice_cleared.emit(_REPORT_KEY)
        dialog = ReportDialog(
            title=_("Report for support"),
            heading=_("How this Desktop Inbox is doing"),
            words=_(
                "Versions, folders and the state of every channel, without addresses and texts. "
                "Nothing is sent by itself: copy or save it for whoever helps you."
            ),
            report=log.for_others("\n".join(doctor.lines(found))),
            leave=_("Close"),
            parent=self._window,
        )
        dialog.open()

    def _page_here(self) -> str:
        from desktop_inbox.ui.help_topics import page_for

        return page_for(
            QApplication.focusWidget() or self._window.pages.currentWidget(),
            view=self._window.list.choice.view,
            settings_page=_open_settings(self._window),
        )

    def _close(self) -> None:
        if self._guide is not None:
            self._guide.close()


def show_menu(context: AppContext, parent: QWidget, at: QPoint) -> None:
    """Show the help menu, its lower left corner at a point of the screen."""
    menu = QMenu(parent)
    action_menu.fill(menu, context, _MENU)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at - QPoint(0, menu.sizeHint().height()))


def _open_settings(window: QWidget) -> str:
    """Return the id of the page of the settings that is shown, '' where they are not open."""
    if _SETTINGS not in sys.modules:  # they were never opened
        return ""
    from desktop_inbox.ui.dialogs.settings import SettingsDialog

    for dialog in window.findChildren(SettingsDialog):
        if dialog.isVisible():
            return type(dialog.pages[dialog.shown_page]).id
    return ""
