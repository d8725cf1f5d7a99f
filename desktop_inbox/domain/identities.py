"""Under which address, name and signature an account writes; an account may have several. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from desktop_inbox.domain.customers import normalise_email
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.sendable import sendable
from desktop_inbox.domain.tokens import without_token

OWN = "own"  # uid of the one that every account has until others are entered
SETTING = "identities"  # where an account's settings hold them, the default one first
_FIELDS = ("uid", "address", "name", "signature", "signature_html")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIdentity:
    """One way in which an account writes."""

    address: str
    uid: str = ""  # '' for one that is not stored yet
    name: str = ""  # as customers see it
    signature: str = ""  # '' for the agent's own
    signature_html: str = ""  # the same with layout, '' where it has none

    @property
    def sender(self) -> Address:
        """What stands in From."""
        return Address(name=self.name, address=self.address)


def of_account(settings: Mapping[str, object], *, address: str) -> tuple[OwnIdentity, ...]:
    """Return an account's identities, the default one first; there is always one.

    `settings` and `address` are the account's. What is odd in them is passed over.
    """
    stored = settings.get(SETTING)
    entries = stored if isinstance(stored, list) else ()
    found = [_read(entry) for entry in entries if isinstance(entry, Mapping)]
    known = tuple(one for one in found if one.uid and sendable(one.address).ok)
    own = OwnIdentity(uid=OWN, address=address, name=str(settings.get("name") or ""))
    return known or (own,)


def _read(entry: Mapping[str, object]) -> OwnIdentity:
    values = {field: value for field in _FIELDS if isinstance(value := entry.get(field), str)}
    return OwnIdentity(**{"address": "", **values})


def stored(identities: Iterable[OwnIdentity]) -> list[dict[str, str]]:
    """Return identities as an account's settings hold them."""
    return [asdict(one) for one in identities]


def addresses_of(settings: Mapping[str, object], *, address: str) -> frozenset[str]:
    """Return every address of an account, normalised: mail from them is ours."""
    aliases = settings.get("aliases")
    named = [address, *(map(str, aliases) if isinstance(aliases, list) else ())]
    named += [one.address for one in of_account(settings, address=address)]
    return frozenset(key for one in named if (key := normalise_email(one)))


def by_uid(identities: Sequence[OwnIdentity], uid: str) -> OwnIdentity | None:
    """Return the identity of this name, None where it is gone."""
    return next((one for one in identities if one.uid == uid), None)


def written_to(identities: Sequence[OwnIdentity], people: Iterable[Address]) -> OwnIdentity | None:
    """Return the identity that one of `people` is, the first of them that is one; None for none.

    `people` are the recipients of a customer's message, or the author of one of ours. Where two
    identities share an address, the one that stands first is meant.
    """
    for person in people:
        key = normalise_email(person.address)
        for one in identities:
            own = normalise_email(one.address)
            if own and own in (key, without_token(key)):
                return one
    return None


def answering(
    identities: Sequence[OwnIdentity],
    *,
    from_: Sequence[Address],
    to: Sequence[Address],
    cc: Sequence[Address],
    from_me: bool,
) -> OwnIdentity:
    """Return who answers a message with these headers: whom it was written to, else the default."""
    return written_to(identities, from_ if from_me else (*to, *cc)) or identities[0]
