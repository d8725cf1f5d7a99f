"""Looks once a day whether there is a new version, and says so in the message bar.

Nothing is fetched before a person wants it, and nothing is ever installed. UI thread only; what
talks to somebody runs on the engine's loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext, Banner, Notice

if TYPE_CHECKING:
    from desktop_inbox.domain.releases import Download
    from desktop_inbox.services.updates import News

logger = logging.getLogger(__name__)

_KEY = "update"
_FIRST_MS = 90_000  # after the start, which has better things to do
_AGAIN_MS = 60 * 60 * 1000  # how often it is seen whether a day has passed


class Updates(QObject):
    """What is known of the newest version in this window."""

    changed = Signal()  # what is known, or how far a download is

    def __init__(self, context: AppContext, *, show_news: Callable[[], object]) -> None:
        super().__init__(context)
        self._context = context
        self._show_news = show_news
        self._looking = False
        self.news: News | None = None  # the newest version, where it is newer than this one
        self.fetched = 0  # bytes of its file
        self.file: Path | None = None  # once all of it is here and sound
        self.fetching = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look_if_due)
        self._timer.start(_FIRST_MS)

    @property
    def looked_at(self) -> datetime | None:
        """When the last announcement was believed."""
        from desktop_inbox.services import updates

        return updates.looked_at(self._context.settings)

    # --- looking ---

    def look(self) -> None:
        """Look now, because a person wants to know; say also that there is nothing new."""
        self._context.start(self._look(asked=True), name="updates")

    def _look_if_due(self) -> None:
        from desktop_inbox.domain import releases

        self._timer.setInterval(_AGAIN_MS)
        wanted = self._context.settings.look_for_updates
        if not wanted:
            return
        if releases.is_due(self.looked_at, now=datetime.now(UTC)):
            self._context.start(self._look(asked=False), name="updates")
        elif self.news is None:
            self._context.start(self._remind(), name="updates")

    @property
    def _kept(self) -> Path | None:
        """Where the last announcement lies."""
        settings_file = self._context.settings.path
        return settings_file.with_name("updates.json") if settings_file else None

    async def _remind(self) -> None:
        """Say once more what an earlier start has found."""
        from desktop_inbox.services import updates

        where, kept = updates.source(), self._kept
        if where is None or kept is None:
            return
        known, now = updates.known(self._context.settings), datetime.now(UTC)
        looking = partial(updates.last, where, known, kept, now=now)
        news = await self._context.tasks.aside(looking)
        if news is not None:
            self._take(news, asked=False)

    async def _look(self, *, asked: bool) -> None:
        from desktop_inbox.services import updates
        from desktop_inbox.ui.dialogs.account_checks import on_engine

        where = updates.source()
        if where is None:
            if asked:
                raise UserError("update-unknown")
            return
        if self._looking:
            return
        self._looking = True
        settings, now = self._context.settings, datetime.now(UTC)
        try:
            looking = updates.look(where, updates.known(settings), now=now, kept=self._kept)
            news, learned = await on_engine(self._context, looking)
        except UserError as error:
            if asked:
                raise
            logger.info("new versions: %s", error)  # it is tried again; nobody asked
            return
        finally:
            self._looking = False
        updates.remember(settings, learned, now=now)
        self._take(news, asked=asked)

    def _take(self, news: News, *, asked: bool) -> None:
        from desktop_inbox.services import updates

        if not news.newer:
            self.news = None
            if asked:
                words = _("This is the newest version.")
                self._context.notice.emit(Notice(text=words, key=_KEY))
        else:
            self.news = news
            if asked or updates.declined(self._context.settings) != news.manifest.version:
                self._context.banner.emit(self._banner(news))
        self.changed.emit()

    def _banner(self, news: News) -> Banner:
        version = news.manifest.version
        return Banner(
            text=_("Version {version} of Desktop Inbox is out.").format(version=version),
            tone="accent",
            action_text=_("What is new"),
            action=self._show_news,
            other_text=_("Skip this version"),
            other=partial(self._decline, version),
            key=_KEY,
        )

    def _decline(self, version: str) -> None:
        from desktop_inbox.services import updates

        updates.decline(self._context.settings, version)

    # --- its file ---

    def fetch(self, folder: Path) -> None:
        """Fetch the file of the newest version into a folder, and look it over."""
        if self.news is not None and self.news.download is not None and not self.fetching:
            self.fetching, self.fetched = True, 0
            self.changed.emit()
            self._context.start(self._fetch(self.news.download, folder), name="updates")

    async def _fetch(self, wanted: Download, folder: Path) -> None:
        from desktop_inbox.services import updates
        from desktop_inbox.ui.dialogs.account_checks import on_engine

        loop = asyncio.get_running_loop()

        def report(count: int) -> None:
            loop.call_soon_threadsafe(self._came, count)

        try:
            work = updates.fetch(wanted, folder, report=report)
            self.file = await on_engine(self._context, work)
        finally:
            self.fetching = False
            self.changed.emit()

    def _came(self, count: int) -> None:
        self.fetched = count
        self.changed.emit()

    async def sound_file(self) -> Path:
        """Return the file once more looked over. *Raises:* UserError ("update-download-gone")."""
        from desktop_inbox.services import updates

        wanted, file = self.news.download if self.news else None, self.file
        if wanted is None or file is None:
            raise UserError("update-download-gone")
        if not await self._context.tasks.aside(partial(updates.is_sound, file, wanted)):
            self.file = None
            self.changed.emit()
            raise UserError("update-download-gone")
        return file
