"""A composer's message as a draft keeps it: exactly what stands in the editor. UI thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_inbox.domain.rich_text import is_bare, to_html, to_text
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.ui.views import channel_choice, channel_draft, composer_outgoing
from desktop_inbox.ui.views.channel_choice import MAIL
from desktop_inbox.ui.views.composer_request import SendRequest, When

if TYPE_CHECKING:
    from desktop_inbox.services.channels import Way
    from desktop_inbox.ui.views.composer import Composer
    from desktop_inbox.ui.views.composer_inline import InlinePictures


def content_of(composer: Composer, inline: InlinePictures) -> DraftContent:
    """Return the editor as it stands; `inline` knows the pictures in its text."""
    place = composer.surroundings
    nobody = not composer.sent_as.names_people(composer.mode)
    lines = composer.editor.lines()
    pictures = inline.of(lines, quoted=composer.mode == "forward" and composer.quote)
    typed = DraftContent(
        conversation_id=place.conversation_id if place else None,
        account_id=composer.sent_as.account_id,
        mode=composer.mode,
        answers_id=composer.answers_id,
        to=() if nobody else composer.to.addresses(),
        cc=() if nobody else composer.cc.addresses(),
        bcc=() if nobody else composer.bcc.addresses(),
        subject=composer.subject.text() if composer.mode != "note" else "",
        body=composer.editor.toPlainText(),
        rich="" if is_bare(lines) else to_html(lines),
        sender=composer.sent_as.uid,
        caret=composer.editor.caret(),
        quote=composer.quote,
        attachments=(*composer.files.files(), *pictures),
        form=_form(composer) or None,
    )
    template = composer.template
    return channel_draft.with_template(typed, template) if template.is_open else typed


def _form(composer: Composer) -> dict[str, object]:
    """Return what the draft keeps besides: which way it takes, and the buttons it offers."""
    way = composer.sent_as.form if composer.in_chat else {}
    return way | composer.buttons.form()


def request_of(composer: Composer, content: DraftContent, when: When) -> SendRequest:
    """Return what is asked for when Send is pressed: the whole message, as it is shown."""
    note = composer.mode == "note"
    quotes = composer.answers if composer.quote and not note and not composer.in_chat else None
    text, html = composer_outgoing.outgoing(
        composer.buttons.written(composer.editor.lines()),
        mode=composer.mode,
        channel=composer.sent_as.channel,
        signature=composer.signature(),
        quotes=quotes,
    )
    asked = SendRequest(content=content, text=text, html=html, quotes=quotes, **when)
    return replace(asked, at=None) if note else asked


def passed_on(composer: Composer, way: Way) -> DraftContent:
    """Return what a forward says as a new message on another channel, to nobody yet (rule C7)."""
    words = (to_text(composer.editor.lines()).strip(), composer.quoted_text().strip())
    return DraftContent(
        mode="new",
        account_id=way.account_id,
        body="\n\n".join(part for part in words if part),
        attachments=composer.files.files() if way.takes_files else (),
        form=channel_choice.form_of(way) or None,
    )


def has_own_subject(composer: Composer) -> bool:
    """Whether a subject is filled in: where nothing that is answered has one."""
    answers = composer.answers
    from_chat = answers is not None and answers.channel not in MAIL
    if composer.in_chat:
        return False
    return composer.mode in ("new", "forward") or (from_chat and composer.mode != "note")


def is_empty(composer: Composer) -> bool:
    """Whether nothing would be lost with it."""
    filled = composer.template.is_open and composer.template.form
    written = not composer.editor.is_blank
    typed = filled or written or composer.files.files() or composer.buttons.labels
    own_subject = composer.mode == "new" and composer.subject.text()
    entered = composer.mode in ("new", "forward") and composer.to.addresses()
    return not (typed or own_subject or entered)
