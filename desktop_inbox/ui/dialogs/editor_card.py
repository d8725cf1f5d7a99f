"""A card in which one thing is written and kept with Save, or left with Cancel. UI thread only."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.tabbed import rule
from desktop_inbox.ui.views.controls import ElidedLabel, PlainLabel, button, icon_button
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TallArea

_HEIGHT = 420


class EditorCard(Overlay):
    """A title, a form that scrolls, and a foot that says what is wrong. Goes away for ever."""

    saved = Signal()

    def __init__(
        self, context: AppContext, parent: QWidget, *, title: str, width: int, height: int = _HEIGHT
    ) -> None:
        super().__init__(context, parent, width=width)
        self.form = QWidget()
        self.column = QVBoxLayout(self.form)
        self.column.setContentsMargins(24, 14, 24, 14)
        self.column.setSpacing(10)
        area = TallArea(context.theme.px(height), self.form)
        area.setAccessibleName(title)
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 12)
        head.addWidget(ElidedLabel(title, kind="title"), 1)
        head.addWidget(icon_button(context.theme, "x", _("Close"), clicked=self.dismiss))
        self.error = PlainLabel(kind="error", wrap=True)
        self.save_button = button(_("Save"), kind="primary", clicked=self.start_saving)
        self.default = self.save_button
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 14)
        foot.setSpacing(8)
        foot.addWidget(self.error, 1)
        foot.addWidget(button(_("Cancel"), kind="ghost", clicked=self.leave))
        foot.addWidget(self.save_button)
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(rule())
        self.card_layout.addWidget(area, 1)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(foot)
        self.closed.connect(self.deleteLater)

    @property
    @abstractmethod
    def is_edited(self) -> bool:
        """Whether something would be lost with it."""

    @abstractmethod
    async def keep(self) -> None:
        """Keep what is written. What it refuses is said at the foot."""

    def dismiss(self) -> None:
        """Go away, unless something is written: that takes Save or Cancel."""
        if self.isVisible() and self.is_edited:
            self.error.setText(_("Not saved yet. Save it, or cancel."))
            return
        super().dismiss()

    def leave(self) -> None:
        """Go away without keeping anything."""
        super().dismiss()

    def start_saving(self) -> None:
        """Keep what is written, then go away."""
        self._context.start(self.save())

    async def save(self) -> bool:
        """Keep what is written and go away; False where it is refused, which is said."""
        try:
            await self.keep()
        except UserError as error:
            if isValid(self):
                self.error.setText(errors.sentence(error.code, error.values))
            return False
        if isValid(self):
            self.saved.emit()
            self.leave()
        return True
