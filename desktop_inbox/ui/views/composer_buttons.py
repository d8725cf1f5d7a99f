"""The buttons that a composer's message offers: kept with the draft, drawn or told in lines.

What they are made in is built once somebody wants one: most messages have none. UI thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop_inbox.domain import buttons
from desktop_inbox.domain.buttons import Room
from desktop_inbox.domain.rich_text import RichText, from_plain
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.ui.views.composer_checks import Concern, Finding

if TYPE_CHECKING:
    from desktop_inbox.ui.views.button_strip import ButtonStrip
    from desktop_inbox.ui.views.composer import Composer

_MODES = ("reply", "reply_all", "new")


class ComposerButtons(QObject):
    """Serves one composer."""

    changed = Signal()

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._strip: ButtonStrip | None = None

    # --- what they are ---

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands on them, in order."""
        return self._strip.labels() if self._strip is not None else ()

    @property
    def may_be(self) -> bool:
        """Whether what is written can offer any: no note, no forward, no approved text."""
        return self._composer.mode in _MODES and not self._composer.template.is_open

    @property
    def room(self) -> Room:
        """What the way takes that is chosen now."""
        way = self._composer.sent_as.way
        if way is None or way.info is None or not self._composer.in_chat:
            return buttons.room({}, drawn=False)
        from desktop_inbox.services.chat_queueing import button_room  # only such channels need it

        return button_room(way.info)

    def form(self) -> dict[str, object]:
        """What the draft keeps of them."""
        return buttons.in_form(self.labels)

    def told(self, text: str) -> str:
        """Return a text as it leaves, with lines for the buttons that a channel does not draw."""
        return buttons.told(text, self.labels) if self._are_lines else text

    def written(self, lines: RichText) -> RichText:
        """Return what is written in a mail, with them below; a chat's are put there later."""
        if not self._are_lines or self._composer.in_chat:
            return lines
        return (*lines, *from_plain("\n" + buttons.as_lines(self.labels)))

    @property
    def _are_lines(self) -> bool:
        return bool(self.labels) and self.may_be and not self.room.drawn

    def findings(self) -> list[Finding]:
        """Why the channel would refuse them, in words."""
        if not self.may_be:
            return []
        told, room = [], self.room
        if self.labels and not self._composer.editor.toPlainText().strip():
            told.append(_("Write above the buttons what they are about."))
        if len(self.labels) > room.most:
            words = ngettext(
                "{count} button is all that goes with a message here. Take the others off.",
                "{count} buttons are all that go with a message here. Take the others off.",
                room.most,
            )
            told.append(words.format(count=room.most))
        for label in self.labels:
            if len(label) > room.longest:
                words = _("“{label}” is too long for a button here: {most} characters. Shorten it.")
                told.append(words.format(label=label, most=room.longest))
        return [Finding(concern=Concern.CHANNEL, about=one) for one in told]

    # --- what is done ---

    def open(self) -> None:
        """Ask for the words of one."""
        self._made().ask()

    def commit(self) -> None:
        """Take what is still being typed for a button."""
        if self._strip is not None:
            self._strip.commit()

    def set_labels(self, labels: Sequence[str]) -> None:
        """Offer these; nothing is announced."""
        if labels or self._strip is not None:
            strip = self._made()
            strip.set_labels(labels)
            strip.setVisible(bool(labels) and self.may_be)

    def refresh(self) -> None:
        """Show them as the chosen way has them."""
        if self._strip is not None:
            self._strip.show_room(self.room)
            asked = self._strip.line.hasFocus()
            self._strip.setVisible(self.may_be and (bool(self.labels) or asked))

    def _made(self) -> ButtonStrip:
        if self._strip is None:
            from desktop_inbox.ui.views.button_strip import ButtonStrip

            sheet = self._composer.sheet
            self._strip = ButtonStrip(self._composer.context.theme, self.room, parent=sheet)
            sheet.put_below_text(self._strip)
            self._strip.changed.connect(self.changed)
            self._strip.left.connect(self._composer.focus)
        return self._strip
