"""What is new: in this version, and in a newer one with the way to its file. UI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDate, QLocale, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

import desktop_inbox
from desktop_inbox import i18n, project
from desktop_inbox.domain.changelog import UNRELEASED, Chapter, read_changelog
from desktop_inbox.domain.markdown import Block, Kind, as_html
from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.updates import Updates
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button, link_button
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.page_text import PageText

_WIDTH = 720
_HEIGHT = 460  # of the text, where the window has room for it
_AROUND = 190  # what stands over it and beside the card
_LEAST = 120
_KINDS = {
    "Added": N_("New"),
    "Changed": N_("Changed"),
    "Deprecated": N_("On its way out"),
    "Removed": N_("Removed"),
    "Fixed": N_("Mended"),
    "Security": N_("Safety"),
}
_HOW_TO = {
    "deb": N_("Close Desktop Inbox, then open the file to install it over this version."),
    "rpm": N_("Close Desktop Inbox, then open the file to install it over this version."),
    "exe": N_("Close Desktop Inbox, then open the file to install it over this version."),
    "dmg": N_("Close Desktop Inbox, open the file, and drag the program over the old one."),
    "appimage": N_("Close Desktop Inbox, and put the file in the place of the old one."),
    "tar": N_("Close Desktop Inbox, and unpack the file over the old folder."),
}


class NewsCard(Overlay):
    """A card over the window."""

    def __init__(self, context: AppContext, parent: QWidget, updates: Updates) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self._updates = updates
        head = QHBoxLayout()
        head.setContentsMargins(28, 18, 14, 6)
        head.addWidget(PlainLabel(_("What is new"), kind="title"), 1)
        head.addWidget(icon_button(context.theme, "x", _("Close"), clicked=self.dismiss))
        self.text = PageText(context.theme)
        self.text.setAccessibleName(_("What is new"))
        room = parent.height() - context.theme.px(_AROUND)
        self.text.setMinimumHeight(max(_LEAST, min(context.theme.px(_HEIGHT), room)))
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(self._build_newer())
        self.card_layout.addWidget(self.text, 1)
        updates.changed.connect(self._show_newer)

    def open(self) -> None:
        self._show_newer()
        self.text.show_html(as_html([*self._newer_blocks(), *this_version_blocks()]))
        self.present()
        self.text.setFocus(Qt.FocusReason.PopupFocusReason)

    # --- a newer version ---

    def _build_newer(self) -> QWidget:
        self._newer = QFrame()
        self._newer.setProperty("kind", "hint")
        self._title = PlainLabel(kind="strong", wrap=True)
        self._note = PlainLabel(kind="small", wrap=True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self.fetch = button(_("Download"), kind="primary", clicked=self._fetch)
        self.fetch.setIcon(self._context.icon("download", colour="on_accent"))
        self.show_file = button(_("Show the file"), kind="primary", clicked=self._show_file)
        self.page = link_button(_("Look at its page"), clicked=self._open_page)
        words = QVBoxLayout()
        words.setSpacing(3)
        for one in (self._title, self._note, self._progress):
            words.addWidget(one)
        row = QHBoxLayout(self._newer)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(12)
        row.addLayout(words, 1)
        for choice in (self.page, self.fetch, self.show_file):
            row.addWidget(choice)
        holder = QWidget()
        around = QVBoxLayout(holder)
        around.setContentsMargins(28, 4, 28, 4)
        around.addWidget(self._newer)
        self._holder = holder
        return holder

    def _show_newer(self) -> None:
        updates, news = self._updates, self._updates.news
        self._holder.setVisible(news is not None)
        if news is None:
            return
        wanted = news.download
        self._title.setText(_("Version {version} is out").format(version=news.manifest.version))
        self._note.setText(self._state())
        self._progress.setVisible(updates.fetching)
        if wanted is not None:
            self._progress.setRange(0, wanted.size)
            self._progress.setValue(updates.fetched)
        self.fetch.setVisible(wanted is not None and updates.file is None)
        self.fetch.setEnabled(not updates.fetching)
        self.show_file.setVisible(updates.file is not None)
        self.page.setVisible(bool(news.manifest.page) and updates.file is None)

    def _state(self) -> str:
        news = self._updates.news
        assert news is not None
        wanted = news.download
        if wanted is None:
            return _("There is no file for this computer among those that are announced.")
        size = QLocale().formattedDataSize(wanted.size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
        if self._updates.file is not None:
            return _("Downloaded and verified.") + " " + _(_HOW_TO.get(wanted.form, ""))
        if self._updates.fetching:
            return _("Downloading {size}…").format(size=size)
        return _("You have {version}. The download has {size}.").format(
            version=desktop_inbox.__version__, size=size
        )

    def _fetch(self) -> None:
        place = QStandardPaths.StandardLocation.DownloadLocation
        self._updates.fetch(Path(QStandardPaths.writableLocation(place)))

    def _show_file(self) -> None:
        self._context.start(self._shown())

    async def _shown(self) -> None:
        file = await self._updates.sound_file()
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))

    def _open_page(self) -> None:
        if self._updates.news is not None:
            QDesktopServices.openUrl(QUrl(self._updates.news.manifest.page))

    def _newer_blocks(self) -> list[Block]:
        news = self._updates.news
        if news is None:
            return []
        lines = news.manifest.notes_in(i18n.language())
        title = _("Version {version}").format(version=news.manifest.version)
        return [_heading(title, 2), _bullets(lines)] if lines else []


def this_version_blocks() -> list[Block]:
    """Return what the changelog says, the newest version first, in the language of the window."""
    files = project.changelogs()
    path = files.get(i18n.language()) or files.get(i18n.SOURCE_LANGUAGE)
    if path is None:
        return []
    blocks: list[Block] = []
    for chapter in read_changelog(path.read_text(encoding="utf-8")):
        blocks.append(_heading(_title(chapter), 2))
        for kind, lines in chapter.kinds:
            blocks += [_heading(_(_KINDS.get(kind, kind)), 3), _bullets(lines)]
    return blocks


def _title(chapter: Chapter) -> str:
    if chapter.version == UNRELEASED:
        return _("In this version, {version}").format(version=desktop_inbox.__version__)
    title = _("Version {version}").format(version=chapter.version)
    day = QDate.fromString(chapter.date, Qt.DateFormat.ISODate)
    return f"{title} · {QLocale().toString(day, QLocale.FormatType.LongFormat)}"


def _heading(words: str, level: int) -> Block:
    return Block(kind=Kind.HEADING, lines=(words,), level=level)


def _bullets(lines: tuple[str, ...]) -> Block:
    return Block(kind=Kind.BULLETS, lines=lines)
