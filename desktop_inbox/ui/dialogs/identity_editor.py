"""The card in which one identity is written: its address, its name, its signature."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.domain.identities import OwnIdentity
from desktop_inbox.domain.rich_text import needs_html, to_html, to_text
from desktop_inbox.i18n import _
from desktop_inbox.services import identities
from desktop_inbox.ui.context import AppContext
from desktop_inbox.ui.dialogs.editor_card import EditorCard
from desktop_inbox.ui.views.composer_editor import ComposerEditor
from desktop_inbox.ui.views.composer_layout import LayoutTools
from desktop_inbox.ui.views.controls import PlainLabel
from desktop_inbox.ui.views.format_bar import FormatBar
from desktop_inbox.ui.views.link_bar import LinkBar

_WIDTH = 560


class IdentityEditor(EditorCard):
    """Writes a new identity of an account, or changes one."""

    def __init__(
        self, context: AppContext, parent: QWidget, *, account_id: int, identity: OwnIdentity
    ) -> None:
        title = _("Change identity") if identity.address else _("New identity")
        super().__init__(context, parent, title=title, width=_WIDTH)
        self._account_id = account_id
        self._shown = identity
        self.address = QLineEdit(identity.address)
        self.name = QLineEdit(identity.name)
        self.signature = ComposerEditor(context.theme, keys=context.actions.keys)
        self._bar = FormatBar(context.theme, actions=context.actions, parent=self.form)
        self._link = LinkBar(context.theme, parent=self.form)
        self._tools = LayoutTools(self.signature, bar=self._bar, link=self._link)
        self._tools.allow(allowed=True)
        self._fill_in()
        self._build()

    @property
    def is_edited(self) -> bool:
        return self._written() != self._shown

    async def keep(self) -> None:
        written, account_id = self._written(), self._account_id
        await self._context.write(lambda tx: identities.put(tx, account_id, written))

    def _fill_in(self) -> None:
        if not self._shown.signature_html:
            self.signature.set_text(self._shown.signature)
            return
        from desktop_inbox.mime.rich import read  # with a parser that plain ones never need

        self.signature.set_lines(read(self._shown.signature_html, pictures=frozenset()))

    def _written(self) -> OwnIdentity:
        lines = self.signature.lines()
        text = to_text(lines).strip()
        return replace(
            self._shown,
            address=self.address.text().strip(),
            name=self.name.text().strip(),
            signature=text,
            signature_html=to_html(lines) if text and needs_html(lines) else "",
        )

    def _build(self) -> None:
        self._add(_("Address"), self.address, _("Your mail provider has to know it as yours."))
        self._add(_("Name"), self.name, _("Customers see it on what you send."))
        self.signature.setAccessibleName(_("Signature"))
        self.signature.send_wanted.connect(lambda _how: self.start_saving())
        sheet = QFrame()
        sheet.setProperty("kind", "hint")
        column = QVBoxLayout(sheet)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(4)
        column.addWidget(self._bar)
        column.addWidget(self.signature)
        column.addWidget(self._link)
        self._add(_("Signature"), sheet, _("If it is empty, your own signature stands there."))
        self.column.addStretch(1)

    def _add(self, title: str, field: QWidget, note: str) -> None:
        label = PlainLabel(title, kind="strong")
        label.setBuddy(field)
        field.setAccessibleName(title)
        self.column.addWidget(label)
        self.column.addWidget(field)
        self.column.addWidget(PlainLabel(note, kind="small", wrap=True))
