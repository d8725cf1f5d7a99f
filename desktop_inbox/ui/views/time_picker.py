"""When: a field that says at once what it understood, over a few times that make sense.

Used to snooze, to send later and to be reminded. By keyboard alone: type, or go up and down, and
press Enter. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.natural_dates import LONGEST, NotUnderstood, Understood
from desktop_inbox.i18n import _
from desktop_inbox.store import opening_hours
from desktop_inbox.store.zone import own_zone
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.views import time_words
from desktop_inbox.ui.views.controls import PlainLabel
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.palette_rows import ROW, Entry, EntryRole, PaletteDelegate
from desktop_inbox.ui.views.time_words import Place, moments, told

_WIDTH, _TOP = 460, 110
_MOST_SHOWN = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What was picked."""

    at: datetime | None  # UTC; None: until the customer replies
    stays: bool = False  # a reply does not bring it back earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for."""

    title: str
    offers: Sequence[tuple[str, str]]  # see time_words
    icon: str = "calendar-clock"
    account_id: int | None = None  # whose business hours count
    until_reply: bool = False  # also offer the customer's reply
    may_stay: bool = False  # ask whether a reply matters
    previous: datetime | None = None  # what was picked last, if it still lies ahead
    off: str = ""  # words for taking it off again


class TimePicker(Overlay):
    """Asks for a moment. Goes away once it has one, or with Escape."""

    def __init__(
        self,
        context: AppContext,
        parent: QWidget,
        asked: Asked,
        *,
        picked: Callable[[Picked], object],
        taken_off: Callable[[], object] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(context, parent, width=_WIDTH, top=_TOP)
        self._asked, self._picked, self._taken_off = asked, picked, taken_off
        self._clock = clock
        self._place_of: Place | None = None
        self._build()
        self.closed.connect(self.deleteLater)

    def _build(self) -> None:
        theme = self._context.theme
        title = PlainLabel(self._asked.title, kind="strong")
        title.setContentsMargins(16, 12, 16, 0)
        self.field = QLineEdit()
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText(_("tomorrow 9am, fri 14:30, in 2h"))
        self.field.setAccessibleName(self._asked.title)
        self.field.setMaxLength(LONGEST)
        self.field.setMinimumHeight(theme.px(40))
        self.field.setTextMargins(12, 0, 12, 0)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._show)
        self.said = PlainLabel(kind="caption", wrap=True)
        self.said.setContentsMargins(16, 0, 16, 8)
        self.said.hide()
        line = QFrame()
        line.setProperty("kind", "line")
        self.list = QListWidget()
        self.list.setItemDelegate(PaletteDelegate(theme, self))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self._asked.title)
        self.list.itemClicked.connect(lambda _item: self._run())
        self.stays = QCheckBox(_("Stay away even if the customer replies"))
        self.stays.setContentsMargins(16, 0, 16, 0)
        for part in (title, self.field, self.said, line):
            self.card_layout.addWidget(part)
        self.card_layout.addSpacing(6)
        self.card_layout.addWidget(self.list)
        self.card_layout.addSpacing(6)
        if self._asked.may_stay:
            self.stays.setStyleSheet("margin: 2px 16px 10px 16px;")
            self.card_layout.addWidget(self.stays)

    def ask(self) -> None:
        """Show the picker once the business hours are known."""
        self._context.start(self._ask(), name="times")

    async def _ask(self) -> None:
        account_id = self._asked.account_id
        self._place_of = await self._context.read(lambda conn: place(conn, account_id))
        if not isValid(self):
            return
        self._show()
        self.present()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def texts(self) -> list[str]:
        """Return what is listed."""
        return [self.list.item(row).data(EntryRole).text for row in range(self.list.count())]

    # --- what is shown ---

    def _show(self) -> None:
        if self._place_of is None:
            return
        now, typed = self._clock(), self.field.text()
        found = self._place_of.read(typed, now=now)
        entries = [self._typed(found, now)] if isinstance(found, Understood) else []
        if isinstance(found, NotUnderstood) and found.did_you_mean:
            meant = found.did_you_mean
            entries.append(
                Entry(text=meant, icon="sparkles", run=lambda: self.field.setText(meant))
            )
        self._say("" if isinstance(found, Understood) else time_words.why_not(found))
        self._fill([*entries, *self._offered(now)], chosen=bool(entries) or not typed.strip())

    def _typed(self, found: Understood, now: datetime) -> Entry:
        words = told(found.at, now=now)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.field, words))
        return Entry(text=words, icon=self._asked.icon, key="↵", run=lambda: self._take(found.at))

    def _offered(self, now: datetime) -> list[Entry]:
        assert self._place_of is not None
        entries = []
        asked = self._asked
        if asked.previous is not None and asked.previous > now:
            at = asked.previous
            entries.append(
                Entry(
                    text=_("As before"),
                    detail=told(at, now=now),
                    icon="rotate-ccw",
                    run=partial(self._take, at),
                )
            )
        entries += [
            Entry(
                text=offer.words,
                detail=told(offer.at, now=now),
                icon="clock",
                run=partial(self._take, offer.at),
            )
            for offer in moments(asked.offers, self._place_of, now=now)
        ]
        if asked.until_reply:
            text = _("Until the customer replies")
            entries.append(Entry(text=text, icon="reply", run=lambda: self._take(None)))
        if self._taken_off is not None:
            entries.append(Entry(text=asked.off, icon="x", run=self._off))
        return entries

    def _fill(self, entries: Sequence[Entry], *, chosen: bool) -> None:
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.text)
            item.setData(EntryRole, entry)
            words = ", ".join(filter(None, (entry.text, entry.detail)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
            self.list.addItem(item)
        self.list.setCurrentRow(0 if chosen else -1)
        self.list.setFixedHeight(self._context.theme.px(ROW) * min(len(entries), _MOST_SHOWN))
        self._place()

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    # --- what is done ---

    def _take(self, at: datetime | None) -> None:
        self.dismiss()
        self._picked(Picked(at=at, stays=self.stays.isChecked() and at is not None))

    def _off(self) -> None:
        self.dismiss()
        if self._taken_off is not None:
            self._taken_off()

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            item.data(EntryRole).run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and self._key_pressed(event.key())
        ):
            return True
        return super().eventFilter(watched, event)

    def _key_pressed(self, key: int) -> bool:
        match key:
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                step = 1 if key == Qt.Key.Key_Down else -1
                count = max(1, self.list.count())
                self.list.setCurrentRow((self.list.currentRow() + step) % count)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._run()
            case Qt.Key.Key_Escape:
                self.dismiss()
            case _:
                return False
        return True


def place(conn: Any, account_id: int | None) -> Place:
    """Return what a time is read by here. On a reader thread."""
    return Place(zone=ZoneInfo(own_zone()), hours=opening_hours.of_account(conn, account_id))
