"""Whom a new message is to, on whichever channel: named first, or the channel first.

How somebody can be reached is asked for as soon as they are named; until that is known the
message goes the way that was chosen. UI thread only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Address
from desktop_inbox.i18n import _
from desktop_inbox.services.channels import CANNOT_SEND, CANNOT_WRITE_FIRST, Way
from desktop_inbox.ui.views import channel_choice, channel_words, composer_shown
from desktop_inbox.ui.views.channel_choice import MAIL
from desktop_inbox.ui.views.composer_checks import Concern, Finding
from desktop_inbox.ui.views.recipient_kinds import Offered, by_channel, by_mail

if TYPE_CHECKING:
    from desktop_inbox.ui.views.composer import Composer


class Addressing(QObject):
    """Serves one composer."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._known: set[str] = set()  # addresses that nobody can type, as services told them
        self._accepts: tuple[str, int | None] = ("email", None)
        self._acceptance = by_mail()
        self._looked: tuple[str, str, str] | None = None  # whose ways are known, or asked for
        composer.fields.named.connect(self._on_named)
        composer.to.way_taken.connect(self.take)

    # --- who it is ---

    @property
    def person(self) -> Address | None:
        """The one it is to; None for nobody, for several, and for what names nobody."""
        people = self._composer.fields.everybody()
        return people[0] if len(people) == 1 and not self._composer.fields.invalid() else None

    @property
    def number(self) -> str:
        """The phone number that stands where a mailbox should, '' for none."""
        people = self._composer.fields.everybody()
        if self._composer.in_chat or len(people) != 1 or not self._composer.fields.invalid():
            return ""
        if self._numbers() is None:
            return ""
        return by_channel("phone", region=self.region, known=()).named(people[0].address)

    @property
    def region(self) -> str:
        """The country whose numbers need no calling code: of our own number, else where we are."""
        from desktop_inbox.services.writing_first import home_of  # with the first new message

        place, through = self._composer.surroundings, self._composer.sent_as.way
        if through is None or through.info is None or through.info.identity != "phone":
            through = self._numbers()
        account = place.account(through.account_id) if place and through else None
        own = home_of(account) if account is not None else ""
        return own or QLocale.territoryToCode(QLocale().territory())

    def _numbers(self) -> Way | None:
        """What reaches phone numbers here, if anything does."""
        place = self._composer.surroundings
        openings = place.openings if place is not None else ()
        return next((one for one in openings if one.info and one.info.identity == "phone"), None)

    def findings(self) -> list[Finding]:
        """Why a message that begins a chat reaches nobody, or more than it can."""
        fields, way = self._composer.fields, self._composer.sent_as.way
        people = fields.everybody()
        if not people:
            return [Finding(concern=Concern.NO_RECIPIENT)]
        if wrong := fields.invalid():
            about = self._acceptance.refused.format(address=visible(wrong[0]))
            return [Finding(concern=Concern.CHANNEL, about=about)]
        if len(people) > 1 and way is not None:
            told = _("On {channel} a message goes to one person. Take the others out.")
            about = told.format(channel=channel_words.name(way))
            return [Finding(concern=Concern.CHANNEL, about=about)]
        return []

    @property
    def advice(self) -> str:
        """What helps to name somebody, '' where that goes without saying."""
        if number := self.number:
            told = _("{number} is a phone number, and mail cannot be sent there.")
            return told.format(number=number)
        way = self._composer.sent_as.way
        waits = way is not None and way.closed_for == CANNOT_WRITE_FIRST
        if way is None or not waits or self._composer.fields.everybody():
            return ""
        told = _("On {channel} customers write first: choose somebody who has written there.")
        return told.format(channel=channel_words.name(way))

    # --- the ways there ---

    def ways(self) -> list[Way]:
        """Every chat with whoever is named, and what else a message may begin through."""
        place = self._composer.surroundings
        if place is None:
            return []
        theirs = [
            way for way in place.ways if way.kind not in MAIL and way.closed_for != CANNOT_SEND
        ]
        covered = {(way.account_id, way.service) for way in theirs}
        rest = (one for one in place.openings if (one.account_id, one.service) not in covered)
        return [*theirs, *rest]

    def others(self) -> list[Way]:
        """The ways to whoever is named, by mail too."""
        place = self._composer.surroundings
        return channel_choice.offered(place.ways, mail_account=None) if place is not None else []

    def choose(self, way: Way, *, name: str = "") -> None:
        """Write through this; whoever it leads to is whom it is to."""
        composer, person = self._composer, self.person
        composer.template.close_form()
        composer.sent_as.take(way, answers=None)
        if way.address:
            self._known.add(way.address)
        self.settle()
        if way.address:
            called = name or (person.name if person is not None else "")
            composer.to.set_addresses([Address(name=called, address=way.address)])
        composer.strip.dismiss()
        self.look()
        composer.edited_otherwise()
        composer.focus()

    def turn_to_mail(self) -> None:
        """Write by mail, to the mailbox of whoever is named on another channel."""
        self.settle()
        way, to = self._composer.sent_as.way, self._composer.to
        if way is not None and way.address and to.invalid():
            to.set_addresses([replace(to.addresses()[0], address=way.address)])
        self.look()

    def forget(self) -> None:
        """Nobody is named any more."""
        place, sent_as = self._composer.surroundings, self._composer.sent_as
        self._looked = None
        if place is not None:
            opening = channel_choice.opening(place.openings, account_id=sent_as.account_id)
            sent_as.aim(replace(place, ways=()), opening)

    def know(self, people: Iterable[Address]) -> None:
        """Take these for addresses that their service told."""
        self._known.update(one.address for one in people)

    def settle(self) -> None:
        """Take what the channel takes for a recipient."""
        composer = self._composer
        way = composer.sent_as.way
        chat = composer.mode == "new" and composer.in_chat
        kind = way.info.identity if chat and way is not None and way.info is not None else "email"
        composer.fields.show_for_chat(in_chat=chat)
        wanted = kind, composer.sent_as.account_id if chat else None
        if wanted != self._accepts:
            self._accepts = wanted
            made = by_channel(kind, region=self.region, known=self._known) if chat else by_mail()
            self._acceptance = made
            composer.to.accept(self._acceptance)

    # --- how they can be reached ---

    def _on_named(self) -> None:
        if self._composer.mode == "new":
            self.look()
            self._composer.guide.refresh()

    def look(self) -> None:
        """Ask how whoever is named can be reached, once for each."""
        composer = self._composer
        person, number = self.person, self.number
        kind, account_id = self._accepts
        account = composer.sent_as.account
        scope = account.uid if account is not None and account_id is not None else ""
        wanted = (kind, scope, person.address) if person is not None else None
        if number:
            wanted = ("phone", "", number)
        if wanted == self._looked:
            return
        self._looked = wanted
        place = composer.surroundings
        if wanted is None or place is None:
            self._aim(())
            return
        theirs = any(way.address == wanted[-1] for way in place.ways)
        self._aim(place.ways if theirs else ())
        composer.ways_wanted.emit(*wanted)

    def look_again(self) -> None:
        """Ask once more: something was done about a channel or a customer."""
        self._looked = None
        if self._composer.mode == "new":
            self.look()

    def show_ways(self, address: str, ways: Sequence[Way]) -> None:
        """Know how an address can be reached, if it is still the one."""
        if self._looked and self._looked[-1] == address:
            self._aim(tuple(ways))

    def _aim(self, ways: tuple[Way, ...]) -> None:
        composer, sent_as = self._composer, self._composer.sent_as
        place, through, person = composer.surroundings, sent_as.way, self.person
        if place is None:
            return
        if not composer.in_chat:
            mine = channel_choice.default(ways, account_id=sent_as.account_id, answers=None)
            sent_as.aim(replace(place, ways=ways), mine)
        elif through is not None:
            sent_as.aim(replace(place, ways=ways), self._towards(ways, through, person))
        composer_shown.show(composer)

    def _towards(self, ways: Iterable[Way], through: Way, person: Address | None) -> Way:
        place = self._composer.surroundings
        assert place is not None
        opening = channel_choice.opening(
            place.openings, account_id=through.account_id, service=through.service
        )
        if person is None:
            return opening or through
        found = channel_choice.towards(ways, through, person.address)
        account = place.account(through.account_id)
        stays = through.address == person.address
        if found is not None or stays or opening is None or account is None:
            return found or through
        from desktop_inbox.services.writing_first import towards

        return towards(opening, account, person.address)

    def take(self, offered: Offered) -> None:
        """Write to somebody who was offered, by the way that leads to them."""
        if offered.way is not None:
            self.choose(offered.way, name=offered.address.name)
