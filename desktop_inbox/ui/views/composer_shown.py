"""What a composer shows of its state: mode, sender, signature, quote, layout, way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop_inbox.domain.rich_text import adapt
from desktop_inbox.ui.views.channel_words import badge, name
from desktop_inbox.ui.views.composer_content import has_own_subject
from desktop_inbox.ui.views.composer_loss import kept_by
from desktop_inbox.ui.views.composer_words import channel_name

if TYPE_CHECKING:
    from desktop_inbox.ui.views.composer import Composer

_LONG = 20_000  # characters, from which on a look at all of them could be felt
_PAUSE_MS = 300


def show(composer: Composer) -> None:
    """Show everything anew but the text."""
    place, sent_as, sheet = composer.surroundings, composer.sent_as, composer.sheet
    note, template = composer.mode == "note", composer.template.is_open
    sheet.show_mode(
        composer.mode,
        sent_as.channel,
        badge=badge(sent_as.way) if sent_as.way is not None else sent_as.channel,
        name=name(sent_as.way) if sent_as.way is not None else channel_name(sent_as.channel),
        sender=sent_as.identity.address if sent_as.identity is not None else "",
        in_conversation=place is None or place.conversation_id is not None,
        subject=has_own_subject(composer),
    )
    composer.fields.setVisible(sent_as.names_people(composer.mode))
    composer.addressing.settle()
    composer.editor.setVisible(not template)
    composer.template.setVisible(template)
    choices = place.senders if place is not None and not composer.in_chat else ()
    composer.fields.from_line.show_choices(choices, sent_as.choice)
    sheet.show_signature(composer.signature())
    composer.mentions.set_agents(place.agents if place is not None and note else ())
    sheet.quoted.show_text(composer.quoted_text())
    sheet.show_foot(composer.mode, empty=composer.is_empty)
    show_loss(composer)
    composer.buttons.refresh()
    composer.guide.refresh()
    composer.updateGeometry()


def show_loss(composer: Composer) -> None:
    """Say what of the layout will not arrive, as soon as there is some (rule F4)."""
    kept = kept_by(composer.sent_as.channel if composer.mode != "note" else "")
    freely = not composer.template.is_open
    composer.layout_tools.allow(allowed=bool(kept) and freely)
    lost = None if kept or not freely else adapt(composer.editor.lines(), keeps=kept)
    composer.sheet.loss.show_loss(lost)


class Echo(QObject):
    """Says what becomes of a text as it is typed: at once, and of a long one in the next pause."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._say)

    def text_changed(self) -> None:
        """Something was typed."""
        if self._composer.editor.document().characterCount() > _LONG:
            self._pause.start()
        else:
            self._say()

    def _say(self) -> None:
        show_loss(self._composer)
        self._composer.guide.count()
