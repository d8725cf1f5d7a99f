"""What a composer says of the way its message takes, and offers there: until when, why not, else.

Looks at the clock by itself, for a window may close while somebody writes. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop_inbox.connectors.contract import Template
from desktop_inbox.domain.rich_text import is_bare, to_text
from desktop_inbox.i18n import _
from desktop_inbox.services import channels
from desktop_inbox.services.channels import Way
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store.rows import DraftRow
from desktop_inbox.ui.views import channel_checks as checks
from desktop_inbox.ui.views import channel_choice, channel_words
from desktop_inbox.ui.views.announce import announce
from desktop_inbox.ui.views.channel_words import HARD
from desktop_inbox.ui.views.composer_beginning import recipients
from desktop_inbox.ui.views.composer_checks import Concern, Finding
from desktop_inbox.ui.views.controls import tooltip

if TYPE_CHECKING:
    from desktop_inbox.ui.views.composer import Composer

_LOOK_EVERY = timedelta(minutes=1)
_MOST_OTHERS = 2  # further ways that are offered as buttons; the menu has all of them

Offer = tuple[str, Callable[[], object]]


class ChannelGuide(QObject):
    """Serves one composer."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)

    # --- what is known ---

    @property
    def why_not(self) -> str:
        """Why what is shown cannot leave now, '' where it can."""
        composer = self._composer
        if composer.mode == "note":
            return ""
        if self._begins and composer.in_chat and composer.addressing.person is None:
            way = composer.sent_as.way  # what holds for whoever will be named is not known yet
            waits = way is not None and way.closed_for in channel_words.WAITS
            return way.closed_for if way is not None and waits else ""
        template = composer.template.is_open
        return composer.sent_as.why_not(composer.clock(), template=template)

    @property
    def _begins(self) -> bool:
        """Whether it begins something."""
        return self._composer.mode == "new"

    def ways(self) -> list[Way]:
        """Every way that a person may choose here: what is open and was used last comes first."""
        composer = self._composer
        place, now = composer.surroundings, composer.clock()
        if place is None:
            return []
        mails = [account.id for account in place.mail_accounts]
        mine = composer.sent_as.account_id
        if composer.mode == "forward":
            known: Iterable[Way] = place.openings
        else:
            known = composer.addressing.ways() if self._begins else place.ways
        found = channel_choice.offered(
            known,
            mail_account=mine if mine in mails else next(iter(mails), None),
        )
        return sorted(found, key=lambda way: (bool(way.why_not(now)), -max(way.said, default=0)))

    def findings(self) -> list[Finding]:
        """Why the message must not leave as it is, as far as the channel is concerned."""
        composer, way = self._composer, self._composer.sent_as.way
        if self._begins and composer.in_chat and (told := composer.addressing.findings()):
            return told
        why = self.why_not
        if why in HARD:
            about = channel_words.reason(why, way, composer.clock())
            return [Finding(concern=Concern.CHANNEL, about=about)]
        if composer.mode == "note":
            return []
        if composer.sent_as.needs_mail(composer.mode):
            return [Finding(concern=Concern.CHANNEL, about=channel_words.no_mail())]
        if composer.template.is_open:
            files = channel_words.no_files_beside() if composer.files.files() else ""
            lacking = composer.template.gap or files
            return [Finding(concern=Concern.CHANNEL, about=lacking)] if lacking else []
        if way is None or not composer.sent_as.in_chat(composer.mode):
            return []
        return checks.findings(way, text=self._text(), files=composer.content().attachments)

    def offers(self, why: str) -> list[Offer]:
        """What can be done about a reason, the likely thing first."""
        composer, way = self._composer, self._composer.sent_as.way
        now = composer.clock()
        found: list[Offer] = []
        if deed := channel_words.deed(why):
            found.append((deed[1], partial(composer.deed_wanted.emit, deed[0], way)))
        if why == channels.WINDOW_CLOSED and way is not None:
            if way.templates and not composer.template.is_open:
                found.append((_("Use a template"), self.open_template))
            if way.lets_human_agent(now):
                found.append((_("Answer as a person"), partial(self.set_human_agent, on=True)))
        if why in HARD:
            found += self._elsewhere(way, now)
        return found

    def _elsewhere(self, way: Way | None, now: datetime) -> list[Offer]:
        """The other ways that are open, as buttons."""
        ways = self._composer.addressing.others() if self._begins else self.ways()
        others = [one for one in ways if one != way and not one.why_not(now)]
        return [
            (channel_words.instead(one, begins=self._begins), partial(self.choose, one))
            for one in others[:_MOST_OTHERS]
        ]

    # --- what is done ---

    @property
    def chosen(self) -> object:
        """Which of the ways it takes; None for a note, and for a mail to others."""
        way = self._composer.sent_as.way
        return way.key if way is not None and self._composer.mode != "note" else None

    def choose(self, way: Way) -> None:
        """Go on another way; what is written stays."""
        composer = self._composer
        if way.account_id is None:
            composer.deed_wanted.emit(channel_words.ADD, way)
            return
        if self._begins:
            composer.addressing.choose(way)
            return
        if composer.mode == "forward":
            composer.passing_on_wanted.emit(way)
            return
        if composer.mode not in ("reply", "reply_all"):
            composer.begin("reply")
        composer.template.close_form()
        composer.sent_as.take(way, answers=composer.answers)
        if not composer.in_chat and composer.surroundings is not None:
            people = recipients(composer.surroundings, composer.answers, way)
            composer.fields.fill(to=people.to, cc=people.cc, subject=composer.subject.text())
        composer.strip.dismiss()
        composer.edited_otherwise()
        composer.focus()

    def open_ways(self) -> None:
        """Offer every way to the customer, by key."""
        self._composer.sheet.reply_tab.click()

    def open_template(self) -> None:
        """Fill in an approved text instead of writing one; what is typed waits behind it."""
        self._composer.template.open_form()
        self._look_templates_up()
        self._composer.edited_otherwise()

    def restore_template(self, draft: DraftRow | DraftContent) -> None:
        """Bring back the template of a draft, none where it has none."""
        composer = self._composer
        kept = (draft.form or {}).get("template")
        if isinstance(kept, Mapping) and composer.in_chat:
            composer.template.open_form(kept, text=draft.body)
            self._look_templates_up()
        else:
            composer.template.close_form()

    def show_templates(self, templates: Sequence[Template], *, said: str) -> None:
        """Offer approved texts; `said` is what else there is to know of them."""
        self._composer.template.show_templates(templates, said=said)
        self._composer.updateGeometry()

    def _look_templates_up(self) -> None:
        account_id = self._composer.sent_as.account_id
        if account_id is not None:
            self._composer.templates_wanted.emit(account_id)

    def set_human_agent(self, *, on: bool) -> None:
        """Have it leave after the window as what a person wrote, or not (rule M)."""
        self._composer.sent_as.human_agent = on
        self._composer.edited_otherwise()

    def _open_conversation(self, conversation_id: int) -> None:
        self._composer.context.conversation_requested.emit(conversation_id)

    # --- what is shown ---

    def refresh(self) -> None:
        """Say how things are now, and look again when they change."""
        self._show_countdown()
        self._show_offers()
        self.count()

    def count(self) -> None:
        """Say how long the text is, as soon as that matters."""
        composer, way = self._composer, self._composer.sent_as.way
        told = None
        typing = composer.mode != "note" and not composer.template.is_open
        if typing and way is not None and way.info is not None and checks.counts(way.info):
            told = checks.count(self._text(), way.info)
        composer.sheet.show_count(told)

    def _show_countdown(self) -> None:
        composer, way = self._composer, self._composer.sent_as.way
        now, sheet = composer.clock(), composer.sheet
        told = None
        if way is not None and composer.mode != "note" and not composer.template.is_open:
            agent = composer.sent_as.human_agent
            told = channel_words.countdown(way, now, human_agent=agent)
        sheet.show_countdown(told)
        self._timer.stop()
        if way is None or told is None:
            return
        ends = (way.window.until, way.window.agent_until)
        ahead = [end - now for end in ends if end is not None and end > now]
        wait = min([*ahead, _LOOK_EVERY])
        self._timer.start(round(wait / timedelta(milliseconds=1)) + 50)

    def _show_offers(self) -> None:
        composer, strip = self._composer, self._composer.sheet.channel_strip
        said = strip.text
        why, way = self.why_not, self._composer.sent_as.way
        if why:
            tone = "bad" if why in HARD else "warn"
            text = channel_words.reason(why, way, composer.clock())
            strip.ask(text, *self.offers(why), tone=tone)
        elif self._begins and (told := composer.addressing.advice):
            strip.ask(told, *self._elsewhere(way, composer.clock()))
        elif composer.sent_as.human_agent and composer.mode != "note":
            strip.ask(
                _("This leaves as a person's own words, after the usual time. Keep to the matter."),
                (_("Do without"), partial(self.set_human_agent, on=False)),
            )
        elif self._begins and way is not None and way.goes_on_in is not None:
            strip.ask(
                _("A conversation with them is still open there: this goes on in it."),
                (_("Open it"), partial(self._open_conversation, way.goes_on_in)),
                tone="plain",
            )
        else:
            strip.dismiss()
        if composer.has_focus and strip.text != said:
            announce(strip, strip.text)
        takes = way is None or way.takes_files or not composer.sent_as.in_chat(composer.mode)
        attach = composer.sheet.attach
        attach.setEnabled(takes and not composer.template.is_open)
        composer.sheet.canned.setEnabled(not composer.template.is_open)
        attach.setToolTip(
            _("Attach files") if takes else tooltip(_("Files cannot be sent through this channel"))
        )

    def _text(self) -> str:
        """What would be sent of what is typed."""
        editor = self._composer.editor
        lines = editor.lines()
        text = editor.toPlainText() if is_bare(lines) else to_text(lines)
        return self._composer.buttons.told(text)
