"""The card that shows all that a message ever said, newest first. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.pieces import in_words
from desktop_inbox.i18n import _
from desktop_inbox.store import chat_messages
from desktop_inbox.store.chat_messages import Version
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.tabbed import rule
from desktop_inbox.ui.views import plain_text
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.formats import absolute
from desktop_inbox.ui.views.message_body import MessageBody
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TallArea

_WIDTH, _HEIGHT = 480, 380


class MessageHistory(Overlay):
    """What one message said, and from when on. Goes away for ever."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self.told: list[MessageBody] = []
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(24, 14, 24, 14)
        self._lines.setSpacing(4)
        self._build()
        self.closed.connect(self.deleteLater)

    async def ask(self, message: MessageRow) -> None:
        """Read what the message said, then show it."""
        found = await self._context.read(lambda conn: chat_messages.versions(conn, message.id))
        if isValid(self):
            self.show_versions(list(reversed(found)))

    def show_versions(self, versions: Sequence[Version]) -> None:
        """Show these, the latest first."""
        for number, version in enumerate(versions):
            if number:
                self._lines.addSpacing(10)
            at = absolute(version.at)
            when = _("Now, since {time}").format(time=at) if not number else at
            self._lines.addWidget(PlainLabel(when, kind="caption", wrap=True))
            said = "\n".join(filter(None, (version.text, in_words(version.pieces))))
            body = self._body(said or _("(no text)"))
            self.told.append(body)
            self._lines.addWidget(body)
        self._lines.addStretch(1)
        self.present()

    def _body(self, said: str) -> MessageBody:
        tokens = self._context.theme.tokens
        body = MessageBody()
        body.set_text_colour(text=tokens.text, link=tokens.accent, selection=tokens.selection)
        body.show_html(plain_text.to_html(said))
        return body

    def _build(self) -> None:
        title = _("What this message said")
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 12)
        head.addWidget(PlainLabel(title, kind="title"), 1)
        head.addWidget(icon_button(self._context.theme, "x", _("Close"), clicked=self.dismiss))
        inside = QWidget()
        inside.setLayout(self._lines)
        area = TallArea(self._context.theme.px(_HEIGHT), inside)
        area.setAccessibleName(title)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 14)
        foot.addStretch(1)
        self.default = button(_("Close"), kind="primary", clicked=self.dismiss)
        foot.addWidget(self.default)
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(rule())
        self.card_layout.addWidget(area, 1)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(foot)
