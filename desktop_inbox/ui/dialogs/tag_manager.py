"""The page on which tags are kept: made, renamed, coloured, taken away. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import N_, _, ngettext
from desktop_inbox.services import tagging
from desktop_inbox.store import tags
from desktop_inbox.store.conversation_rows import TagRow
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.tabbed import rule
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.overlay import Overlay
from desktop_inbox.ui.views.roomy import TallArea
from desktop_inbox.ui.views.tag_menu import tag_icon

_WIDTH, _HEIGHT = 520, 360
_LONGEST_NAME = 60
COLOURS = (
    (0, N_("Red")),
    (25, N_("Orange")),
    (48, N_("Yellow")),
    (95, N_("Lime")),
    (145, N_("Green")),
    (175, N_("Teal")),
    (200, N_("Sky")),
    (220, N_("Blue")),
    (250, N_("Indigo")),
    (275, N_("Violet")),
    (310, N_("Pink")),
    (335, N_("Rose")),
)


class TagManager(Overlay):
    """Every tag on a line of its own; what is done is undone as any command is."""

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(context, parent, width=_WIDTH)
        self._lines = QVBoxLayout()
        self._build()
        context.bridge.changed.connect(self._on_changed)

    def open(self) -> None:
        """Show the page over the window."""
        self.present()
        self.new_name.setFocus(Qt.FocusReason.PopupFocusReason)
        self._context.start(self.reload())

    async def reload(self) -> None:
        """Read the tags again."""
        rows = await self._context.read(tags.counted)
        if isValid(self):
            self._fill(rows)

    def _build(self) -> None:
        theme = self._context.theme
        head = QHBoxLayout()
        head.setContentsMargins(24, 18, 14, 12)
        head.addWidget(PlainLabel(_("Tags"), kind="title"), 1)
        head.addWidget(icon_button(theme, "x", _("Close"), clicked=self.dismiss))
        self.new_name = QLineEdit()
        self.new_name.setPlaceholderText(_("Name of a new tag"))
        self.new_name.setAccessibleName(_("Name of a new tag"))
        self.new_name.setMaxLength(_LONGEST_NAME)
        new = QHBoxLayout()
        new.setContentsMargins(24, 12, 24, 4)
        new.setSpacing(8)
        new.addWidget(self.new_name, 1)
        self.default = button(_("Add"), clicked=self._create)
        new.addWidget(self.default)
        self.error = PlainLabel(kind="error", wrap=True)
        self.error.setContentsMargins(24, 0, 24, 0)
        self.error.hide()
        inside = QWidget()
        inside.setAutoFillBackground(False)
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 8, 24, 16)
        self._lines.setSpacing(4)
        column.addLayout(self._lines)
        column.addStretch(1)
        area = TallArea(theme.px(_HEIGHT), inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(_("Tags"))
        self.card_layout.addLayout(head)
        self.card_layout.addWidget(rule())
        self.card_layout.addLayout(new)
        self.card_layout.addWidget(self.error)
        self.card_layout.addWidget(area, 1)

    def _fill(self, rows: list[TagRow]) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for row in rows:
            self._lines.addWidget(self._line(row))
        if not rows:
            text = _("No tags yet. Tags sort conversations and customers by what they are about.")
            self._lines.addWidget(PlainLabel(text, kind="caption", wrap=True))

    def _line(self, row: TagRow) -> QWidget:
        theme, name = self._context.theme, visible(row.name)
        line = QWidget()
        dot = icon_button(theme, "tag", _("Colour of {name}").format(name=name))
        dot.setIcon(tag_icon(theme, row.hue))
        dot.clicked.connect(lambda: self._offer_colours(row, dot))
        field = QLineEdit(row.name)
        field.setMaxLength(_LONGEST_NAME)
        field.setAccessibleName(_("Name of the tag {name}").format(name=name))
        field.editingFinished.connect(lambda: self._rename(row, field))
        count = ngettext("{count} open", "{count} open", row.open_count).format(
            count=row.open_count
        )
        remove = icon_button(
            theme,
            "trash-2",
            _("Remove {name}").format(name=name),
            clicked=partial(self._remove, row),
        )
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(dot)
        layout.addWidget(field, 1)
        layout.addWidget(PlainLabel(count, kind="caption"))
        layout.addWidget(remove)
        return line

    def _offer_colours(self, row: TagRow, anchor: QWidget) -> None:
        menu = QMenu(self)
        for hue, words in COLOURS:
            menu.addAction(
                tag_icon(self._context.theme, hue), _(words), partial(self._colour, row, hue)
            )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height())))

    # --- what is done ---

    def _create(self) -> None:
        name = self.new_name.text()
        self._do(lambda tx: tagging.create(tx, name), _("Tag added"), done=self.new_name.clear)

    def _rename(self, row: TagRow, field: QLineEdit) -> None:
        name = field.text()
        if name.strip() and name != row.name:
            self._do(lambda tx: tagging.rename(tx, row.id, name), _("Tag renamed"))
        else:
            field.setText(row.name)

    def _colour(self, row: TagRow, hue: int) -> None:
        self._do(lambda tx: tagging.colour(tx, row.id, hue), _("Colour changed"))

    def _remove(self, row: TagRow) -> None:
        words = _("Tag {tag} removed").format(tag=visible(row.name))
        self._do(lambda tx: tagging.remove(tx, row.id), words)

    def _do(
        self,
        change: Callable[[Any], str | None],
        words: str,
        *,
        done: Callable[[], object] = lambda: None,
    ) -> None:
        self._context.start(self._change(change, words, done))

    async def _change(
        self, change: Callable[[Any], str | None], words: str, done: Callable[[], object]
    ) -> None:
        try:
            await self._context.commands.change(change, words)
        except UserError as error:
            self.error.setText(errors.sentence(error.code, error.values))
            self.error.show()
            return
        if isValid(self):
            self.error.hide()
            done()

    def _on_changed(self, changes: Changes) -> None:
        if self.isVisible() and changes.tags:
            self._context.start(self.reload())
