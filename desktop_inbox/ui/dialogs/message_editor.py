"""The card in which a message that was sent is made to say something else. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop_inbox.i18n import _
from desktop_inbox.services import chat_actions
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.editor_card import EditorCard
from desktop_inbox.ui.views.controls import PlainLabel

_WIDTH, _HEIGHT = 520, 260
_FIELD = 140


class MessageEditor(EditorCard):
    """Holds the text of one message; saving tells the service."""

    def __init__(self, context: AppContext, parent: QWidget, *, message: MessageRow) -> None:
        super().__init__(context, parent, title=_("Edit message"), width=_WIDTH, height=_HEIGHT)
        self._message = message
        self.text = QPlainTextEdit(message.text)
        self.text.setAccessibleName(_("Message"))
        self.text.setMinimumHeight(context.theme.px(_FIELD))
        self.text.setTabChangesFocus(True)
        told = _("The customer sees the new text, marked as edited. What it said before is kept.")
        self.column.addWidget(self.text, 1)
        self.column.addWidget(PlainLabel(told, kind="caption", wrap=True))

    def open(self) -> None:
        """Show it over the window."""
        self.present()
        self.text.setFocus(Qt.FocusReason.PopupFocusReason)
        self.text.selectAll()

    @property
    def is_edited(self) -> bool:
        return self.text.toPlainText() != self._message.text

    async def keep(self) -> None:
        written, key = self.text.toPlainText(), self._message.id
        await self._context.commands.change(
            lambda tx: chat_actions.edit(tx, key, written), _("Message changed")
        )
