"""Which thread a mail belongs to, decided for a whole batch in memory (rules C1c, C2, C5).

Pure: told what the store knows, it says where each mail goes and which conversations turn out to
be one. Any order of arrival leads to the same threads, because a link holds or fails by who wrote
and who was written to, whichever end of it comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from desktop_inbox.domain.threading import may_join

BORNE = "="  # instead of who named an id: a stored mail of the thread bears it
BY_US = "+"  # we named it, in a mail of our own


@dataclass(frozen=True, slots=True)
class Claim:
    """That a Message-ID belongs to a thread, and on whose word."""

    thread: int
    named_by: str  # a normalised address, BORNE or BY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What grouping looks at in one mail. Addresses are normalised, and none is ours."""

    message_id: str
    ancestors: tuple[str, ...]  # as of domain.threading.reference_ids
    sender: str
    people: frozenset[str]  # From, To and Cc; not Bcc, who do not know of each other
    from_me: bool  # lies in our Sent folder: a From line proves nothing


@dataclass(slots=True)
class Threads:
    """The threads a batch may touch. New ones get negative keys until they are stored."""

    claims: dict[str, list[Claim]] = field(default_factory=dict)
    people: dict[int, set[str]] = field(default_factory=dict)
    new: list[int] = field(default_factory=list)
    _added: set[tuple[str, Claim]] = field(default_factory=set)

    @classmethod
    def known(
        cls, claims: Iterable[tuple[str, Claim]], people: Mapping[int, Iterable[str]]
    ) -> Threads:
        """Start from what the store holds."""
        threads = cls(people={key: set(some) for key, some in people.items()})
        for message_id, claim in claims:
            threads.claims.setdefault(message_id, []).append(claim)
            threads.people.setdefault(claim.thread, set())
        return threads

    def place(self, letter: Letter) -> tuple[int, ...]:
        """Put a mail into a thread and return it, followed by threads that belong with it.

        The first is the likeliest parent's, or a new one where the mail belongs to none.
        """
        found = self._parents(letter) | self._children(letter) or {self._start(): None}
        self._enter(letter, next(iter(found)))
        return tuple(found)

    def bears(self, thread: int, message_id: str) -> bool:
        """Tell whether a mail with this id came into the thread."""
        return Claim(thread, BORNE) in self.claims.get(message_id, ())

    def new_claims(self) -> list[tuple[str, Claim]]:
        """Return what the store does not hold yet."""
        return sorted(self._added, key=lambda pair: (pair[0], pair[1].thread, pair[1].named_by))

    def _parents(self, letter: Letter) -> dict[int, None]:
        return {
            claim.thread: None
            for name in letter.ancestors
            for claim in self.claims.get(name, ())
            if self._may_follow(letter, claim)
        }

    def _may_follow(self, letter: Letter, claim: Claim) -> bool:
        people = self.people[claim.thread]
        known = bool(people) and may_join(letter.sender, from_me=False, participants=people)
        if claim.named_by == BORNE:
            return letter.from_me or known
        # The mail itself is not here; somebody only named it. A stranger may have: their word
        # counts for themselves, and where both sides wrote to each other.
        if letter.from_me:
            return claim.named_by == BY_US or claim.named_by in letter.people
        if claim.named_by == BY_US:
            return known
        return claim.named_by == letter.sender or (known and claim.named_by in letter.people)

    def _children(self, letter: Letter) -> dict[int, None]:
        """Return threads whose mails answer this one and came before it (rule C5).

        An answer counts if its author was among those this mail was written by or to, as it would
        have to be had it come later.
        """
        return {
            claim.thread: None
            for claim in self.claims.get(letter.message_id, ())
            if claim.named_by != BORNE
            and (claim.named_by == BY_US or claim.named_by in letter.people)
        }

    def _start(self) -> int:
        key = -1 - len(self.new)
        self.new.append(key)
        self.people[key] = set()
        return key

    def _enter(self, letter: Letter, thread: int) -> None:
        self.people[thread] |= letter.people
        if letter.message_id:
            self._add(letter.message_id, Claim(thread, BORNE))
        author = BY_US if letter.from_me else letter.sender
        if author:  # nobody's word counts for nothing
            for name in letter.ancestors:
                self._add(name, Claim(thread, author))

    def _add(self, message_id: str, claim: Claim) -> None:
        claims = self.claims.setdefault(message_id, [])
        if claim not in claims:
            claims.append(claim)
            self._added.add((message_id, claim))
