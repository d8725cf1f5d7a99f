"""What a new owner sees: add an e-mail account, or look around in the sample shop.

UI thread only.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_inbox import i18n
from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.icons import BESIDE_WORDS
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import IconMark, PlainLabel, button, link_button
from desktop_inbox.ui.views.dialog import is_enter, press_enter
from desktop_inbox.ui.views.logo import Logo

_PROMISES = (
    ("mail", N_("Gmail, Outlook or any other mailbox, ready in a minute")),
    ("shield-check", N_("Everything stays on this computer")),
    ("circle-check", N_("Nothing in your mailbox is moved or deleted")),
)
_OPENS_MS = 6_000  # until the sample shop has opened, even on a slow computer


def _line(theme: Theme, icon: str, words: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(IconMark(theme, icon, colour="accent"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(PlainLabel(words, wrap=True), 1)
    return row


class Welcome(QWidget):
    """A card with two ways on."""

    add_requested = Signal()
    sample_requested = Signal()

    def __init__(
        self, context: AppContext, *, with_sample: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._build_card(context, with_sample=with_sample), 10)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addStretch(2)
        column.addLayout(row)
        column.addStretch(3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as it does on every card."""
        if is_enter(event):
            press_enter(None)
        else:
            super().keyPressEvent(event)

    def _build_card(self, context: AppContext, *, with_sample: bool) -> QFrame:
        card = QFrame()
        card.setProperty("kind", "card")
        card.setMaximumWidth(context.theme.px(460))
        inside = QVBoxLayout(card)
        inside.setContentsMargins(36, 34, 36, 32)
        inside.setSpacing(10)
        inside.addWidget(
            Logo(context.theme, side=56, corner=15, tray=30), 0, Qt.AlignmentFlag.AlignHCenter
        )
        inside.addSpacing(6)
        inside.addWidget(_centred(_("Welcome to Desktop Inbox"), kind="display"))
        idea = _("Every customer, on whatever channel they write, in one inbox.")
        inside.addWidget(_centred(idea, kind="muted", wrap=True))
        inside.addSpacing(8)
        for icon, promise in _PROMISES:
            inside.addLayout(_line(context.theme, icon, _(promise)))
        inside.addSpacing(12)
        self._add_choices(inside, context, with_sample=with_sample)
        inside.addSpacing(6)
        inside.addLayout(self._build_foot(context))
        return card

    def _add_choices(self, inside: QVBoxLayout, context: AppContext, *, with_sample: bool) -> None:
        self.add = button(
            _("Add an e-mail account"), kind="primary", clicked=self.add_requested.emit
        )
        self.add.setIcon(context.icon("mail", colour="on_accent"))
        self.sample = button(_("Look around in a sample shop"), clicked=self._open_sample)
        self.sample.setIcon(context.icon("store"))
        for choice in (self.add, self.sample):
            choice.setMinimumHeight(context.theme.px(38))
            choice.setIconSize(BESIDE_WORDS)
            inside.addWidget(choice)
        self.sample.setVisible(with_sample)
        words = _("The sample shop opens in a window of its own and leaves nothing behind.")
        apart = _centred(words, kind="caption", wrap=True)
        apart.setVisible(with_sample)
        inside.addWidget(apart)

    def _open_sample(self) -> None:
        """Say that it comes: a program of its own takes seconds to show itself."""
        words = self.sample.text()
        self.sample.setEnabled(False)
        self.sample.setText(_("The sample shop is opening…"))
        QTimer.singleShot(_OPENS_MS, self.sample, partial(self._offer_sample, words))
        self.sample_requested.emit()

    def _offer_sample(self, words: str) -> None:
        self.sample.setText(words)
        self.sample.setEnabled(True)

    def _build_foot(self, context: AppContext) -> QHBoxLayout:
        """The guide, and the other language: whoever cannot read this page needs it first."""
        guide = link_button(_("How to set up your mail"))
        guide.clicked.connect(context.actions["guide"].trigger)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addStretch(1)
        row.addWidget(guide)
        for code, name in (("en", "English"), ("tr", "Türkçe")):
            if code != i18n.language():
                row.addWidget(link_button(name, clicked=partial(self._speak, context, code)))
        row.addStretch(1)
        return row

    def _speak(self, context: AppContext, code: str) -> None:
        context.settings.language = code
        context.restart_requested.emit()


def _centred(words: str, *, kind: str, wrap: bool = False) -> PlainLabel:
    label = PlainLabel(words, kind=kind, wrap=wrap)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
