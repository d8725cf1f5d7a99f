"""What a composer asks before it lets a message go, and remembers of the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from desktop_inbox.i18n import _
from desktop_inbox.ui.views import composer_words as words
from desktop_inbox.ui.views.composer_checks import Concern, Finding, findings
from desktop_inbox.ui.views.composer_content import has_own_subject

if TYPE_CHECKING:
    from desktop_inbox.services.drafts import DraftContent
    from desktop_inbox.ui.views.composer import Composer


class Questions:
    """Asks about one composer's message; what was confirmed holds until something is changed."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._confirmed: frozenset[Concern] = frozenset()

    def forget(self) -> None:
        """Something was changed, so nothing is confirmed any more."""
        self._confirmed = frozenset()

    def settled(self, content: DraftContent, again: Callable[[], None]) -> bool:
        """Whether nothing is left to ask; else ask, and go on with `again` once it is confirmed."""
        finding = next(self._open(content), None)
        if finding is None:
            self._composer.strip.dismiss()
            self.forget()
            return True
        self._ask(finding, again)
        return False

    def _open(self, content: DraftContent) -> Iterator[Finding]:
        composer = self._composer
        expected = composer.sent_as.expected(composer.mode, composer.answers)
        found = findings(
            note=content.mode == "note",
            recipients=(*content.to, *content.cc, *content.bcc),
            unreadable=composer.fields.invalid(),
            subject=content.subject if has_own_subject(composer) else None,
            body=content.body,
            attachments=len(content.attachments),
            attached_bytes=0 if composer.in_chat else composer.attached_bytes(),
            limit=composer.sent_as.limit,
            quotes=bool(composer.quoted_text()),
            forwards=content.mode == "forward",
            expected_sender=expected[1].address if expected is not None else "",
            in_chat=composer.in_chat,
        )
        every = (*composer.guide.findings(), *composer.buttons.findings(), *found)
        return (one for one in every if one.concern not in self._confirmed)

    def _ask(self, finding: Finding, again: Callable[[], None]) -> None:
        text, composer = words.concern(finding), self._composer
        if finding.concern in (Concern.NO_RECIPIENT, Concern.BAD_ADDRESS):
            composer.strip.ask(text, tone="bad")
            composer.fields.show_what_is_wrong()
            return
        if finding.concern is Concern.CHANNEL:
            composer.refuse(text, code=composer.guide.why_not)
            return
        if finding.blocks:
            composer.strip.ask(text, (_("Show"), lambda: composer.jump(finding.span)), tone="bad")
            composer.jump(finding.span)
            return
        actions: list[tuple[str, Callable[[], object]]] = [
            (_("Send anyway"), lambda: self._confirm(finding.concern, again))
        ]
        if finding.concern is Concern.MISSING_ATTACHMENT:
            actions.insert(0, (_("Attach…"), composer.choose_files))
        if finding.concern is Concern.WRONG_SENDER:
            right = _("Send from that address")
            actions.insert(0, (right, lambda: self._change_sender(again)))
        insists = composer.strip.text == text
        composer.strip.ask(text, *actions)
        if insists:  # sent once more from the keyboard: Enter is then enough
            answer = composer.strip.buttons()[-1]
            answer.show()  # else its layout does so later, and until then it takes no focus
            answer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _change_sender(self, again: Callable[[], None]) -> None:
        composer = self._composer
        expected = composer.sent_as.expected(composer.mode, composer.answers)
        if expected is not None:
            account, identity = expected
            composer.choose_sender(account.id, identity.uid)
        self._put_away()
        again()

    def _confirm(self, concern: Concern, again: Callable[[], None]) -> None:
        self._confirmed |= {concern}
        self._put_away()
        again()

    def _put_away(self) -> None:
        """Take the question away; the focus goes back to the text that is asked about."""
        self._composer.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self._composer.strip.dismiss()
