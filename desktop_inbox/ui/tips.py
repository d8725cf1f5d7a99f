"""A short tour of five tips, each beside what it speaks of. UI thread only.

Nothing is blocked meanwhile: whoever clicks elsewhere goes on working, and the card stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.action_table import CARD, SCOPE
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.follows_eye import FollowsEye
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.controls import PlainLabel, button

if TYPE_CHECKING:
    from desktop_inbox.ui.main_window import MainWindow

_ACTION = re.compile(r"\{([a-z_.]+)\}")
_WIDTH = 330
_GAP = 12  # between the card and what it speaks of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """One tip. `{reply}` in its text stands for the key of the action of that name."""

    title: str
    text: str


TIPS: tuple[Tip, ...] = (
    Tip(
        title=N_("Everything lands here"),
        text=N_(
            "Mail and chats of all your channels, one conversation for each matter. {list.next} "
            "and {list.previous} walk through the list, {conversation.close} puts away what is "
            "done; it comes back when the customer writes again."
        ),
    ),
    Tip(
        title=N_("Answer in one go"),
        text=N_(
            "Press {reply}, write, and send with {send}. For a few seconds Undo takes the message "
            "back, just as you wrote it."
        ),
    ),
    Tip(
        title=N_("Say it once"),
        text=N_(
            "Type / at the beginning of a line for a canned response: a text you need again and "
            "again, with the customer's name filled in."
        ),
    ),
    Tip(
        title=N_("Nobody waits too long"),
        text=N_(
            "Due soon shows who is to be answered first, counted in your business hours. "
            "{conversation.snooze} puts a conversation away until it matters."
        ),
    ),
    Tip(
        title=N_("Everything has a name"),
        text=N_(
            "{palette} finds every command and every customer. {guide} opens the guide, at the "
            "page for where you are. This tour is in the help menu, too."
        ),
    ),
)


def _places(window: MainWindow) -> tuple[QWidget, ...]:
    """What each tip speaks of."""
    return (
        window.list,
        window.thread_view,
        window.thread_view.composer,
        window.navigation.item("due"),
        window.navigation.help,
    )


class Tips(QObject):
    """One walk through the tips; it ends itself."""

    def __init__(self, context: AppContext, window: MainWindow, ground: QWidget) -> None:
        """`ground` is the part of the window that the card lies on."""
        super().__init__(window)
        self._context = context
        self._window = window
        self._ground = ground
        self._came_from: QWidget | None = window.focusWidget()
        self._number = 0
        self._ring = QFrame(self._ground)
        self._ring.setObjectName("tipRing")
        self._ring.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.card = TipCard(
            context,
            self._ground,
            back=partial(self._step, -1),
            on=partial(self._step, 1),
            skip=self.end,
        )
        self._ground.installEventFilter(self)
        context.settings.tips_seen = True
        self._show()

    @property
    def shown(self) -> Tip:
        """The tip that is shown."""
        return TIPS[self._number]

    def end(self) -> None:
        """Take the card away, and put the focus where it was."""
        self._ground.removeEventFilter(self)
        focused = QApplication.focusWidget()
        here = focused is not None and self.card.isAncestorOf(focused)
        if here and self._came_from is not None:
            self._came_from.setFocus(Qt.FocusReason.PopupFocusReason)
        for widget in (self._ring, self.card):
            widget.hide()
            widget.deleteLater()
        self.deleteLater()

    def _step(self, step: int) -> None:
        if self._number + step >= len(TIPS):
            self.end()
            return
        self._number = max(0, self._number + step)
        self._show()

    def _show(self) -> None:
        tip = self.shown
        self.card.show_tip(_(tip.title), self._with_keys(_(tip.text)), self._number, len(TIPS))
        self._place()
        self._ring.raise_()
        self.card.raise_()
        self.card.on.setFocus(Qt.FocusReason.PopupFocusReason)

    def _with_keys(self, text: str) -> str:
        """Put in the keys that are in force, or the name of an action that has none."""
        actions = self._context.actions
        return _ACTION.sub(
            lambda found: actions.key_text(found[1]) or actions[found[1]].text(), text
        )

    def _place(self) -> None:
        anchor = _places(self._window)[self._number]
        width = self._context.theme.px(_WIDTH)
        self.card.ensurePolished()  # its words are measured in the font they are drawn in
        self.card.resize(width, self.card.heightForWidth(width))
        seen = anchor.isVisible() and not anchor.visibleRegion().isEmpty()
        self._ring.setVisible(seen)
        self.card.show()
        room = self._ground.rect()
        if not seen:  # folded away in a narrow window
            self.card.move(room.center() - self.card.rect().center())
            return
        top_left = anchor.mapTo(self._ground, QPoint(0, 0))
        place = QRect(top_left, anchor.size()).intersected(room)
        self._ring.setGeometry(place.adjusted(2, 2, -2, -2))
        self.card.move(_beside(place, self.card.rect(), room))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


class TipCard(FollowsEye, QFrame):
    """A title, a sentence or two, and the way on."""

    def __init__(
        self,
        context: AppContext,
        parent: QWidget,
        *,
        back: Callable[[], object],
        on: Callable[[], object],
        skip: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        self._skip = skip
        self.setObjectName("overlay")
        self.setProperty(SCOPE, CARD)
        self.setFixedWidth(context.theme.px(_WIDTH))
        self._title = PlainLabel(kind="title", wrap=True)
        self._text = PlainLabel(wrap=True)
        self._count = PlainLabel(kind="small")
        self._back = button(_("Back"), kind="ghost", clicked=back)
        self.skip = button(_("Skip the tour"), kind="ghost", clicked=skip)
        self.on = button(_("Next tip"), kind="primary", clicked=on)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._count, 1)
        for one in (self.skip, self._back, self.on):
            row.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 14, 14)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(4)
        column.addLayout(row)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(context.theme.colour("shadow"))
        self.setGraphicsEffect(shadow)

    def show_tip(self, title: str, text: str, number: int, count: int) -> None:
        last = number == count - 1
        self._title.setText(title)
        self._text.setText(text)
        self._count.setText(_("{number} of {count}").format(number=number + 1, count=count))
        self._back.setVisible(number > 0)
        self.skip.setVisible(not last)
        self.on.setText(_("Done") if last else _("Next tip"))
        self.on.setAccessibleName(self.on.text())
        self.setAccessibleName(f"{title}. {text}")
        announce(self, f"{title}. {text}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._skip()
        else:
            super().keyPressEvent(event)


def _beside(place: QRect, card: QRect, room: QRect) -> QPoint:
    """Return where a card goes: right of a place, left of it, or else upon it; always inside."""
    top = place.top() + min(48, max(0, (place.height() - card.height()) // 2))
    left = place.right() + _GAP
    if left + card.width() > room.right():
        left = place.left() - _GAP - card.width()
    if left < room.left():
        left, top = place.center().x() - card.width() // 2, place.center().y() - card.height() // 2
    top = max(_GAP, min(top, room.bottom() - card.height() - _GAP))
    return QPoint(max(_GAP, min(left, room.right() - card.width() - _GAP)), top)
