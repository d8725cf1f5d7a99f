"""Which thread a mail belongs to, decided for a whole batch in memory (rules C1, C2, C5).

Pure: told what the store knows, it says where each mail goes and which conversations turn out to
be one. Any order of arrival leads to the same threads, because a link holds or fails by who wrote
and who was written to, whichever end of it comes first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from desktop_inbox.domain.threading import STRICT, Admission, may_join

BORNE = "="  # instead of who named an id: a stored mail of the thread bears it
BY_US = "+"  # we named it, in a mail of our own
REPORTED = "!"  # a delivery report is about it; see sync.bounces
NOBODY = "?"  # the sender of mail without From: one of their own, whom nobody else talks with


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
    sender: str  # NOBODY without From; '' where it is forged: such a mail joins nothing
    people: frozenset[str]  # From, To and Cc; not Bcc, who do not know of each other
    from_me: bool  # lies in our Sent folder: a From line proves nothing
    # Conversations, by uid, that a keyed mark names: an address or a subject before any id, our
    # own ids where the message they name is not here (rules C1a, C1b, C1e).
    addressed: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    group: str = ""  # what its provider calls the thread (rule C1g); no Message-ID looks like it


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a mail went."""

    threads: tuple[int, ...]  # its own first, then threads that belong with it
    refused: int | None = None  # the thread it named and may not join (rule C2)
    branches: tuple[int, ...] = ()  # threads that came before it, named it and may not join
    newcomer: bool = False  # it joined though its sender took no part before (lenient)


@dataclass(slots=True)
class Threads:
    """The threads a batch may touch. New ones get negative keys until they are stored."""

    admission: Admission = STRICT
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    people: dict[int, set[str]] = field(default_factory=dict)
    marked: dict[str, Sequence[int]] = field(default_factory=dict)  # threads by conversation uid
    new: list[int] = field(default_factory=list)
    _added: set[tuple[str, Claim]] = field(default_factory=set)

    @classmethod
    def known(
        cls,
        claims: Iterable[tuple[str, Claim]],
        people: Mapping[int, Iterable[str]],
        *,
        marked: Mapping[str, Sequence[int]] | None = None,
        admission: Admission = STRICT,
    ) -> Threads:
        """Start from what the store holds."""
        threads = cls(
            admission=admission,
            people={key: set(some) for key, some in people.items()},
            marked=dict(marked or {}),
        )
        for message_id, claim in claims:
            threads.claims.setdefault(message_id, []).append(claim)
            threads.people.setdefault(claim.thread, set())
        return threads

    def place(self, letter: Letter, *, alike: Sequence[int] = ()) -> Placed:
        """Put a mail into a thread: the likeliest parent's, or a new one where it has none.

        `alike` are threads to look at last, where nothing else tells (rule C1f).
        """
        parents = self._parents(letter)
        chosen = (
            self._named(letter, letter.addressed)
            or parents
            or self._named(letter, letter.answered)
            or self._grouped(letter)
            or self._first(letter, alike)
        )
        children, strangers = self._children(letter)
        found = tuple(chosen | children) or (self._start(),)
        people = self.people[found[0]]
        placed = Placed(
            threads=found,
            refused=None if found[0] in chosen or letter.from_me else self._refusing(letter),
            branches=tuple(key for key in strangers if key not in found),
            newcomer=bool(people) and not letter.from_me and letter.sender not in people,
        )
        self._enter(letter, found[0])
        return placed

    def bears(self, thread: int, message_id: str) -> bool:
        """Tell whether a mail with this id came into the thread."""
        return Claim(thread, BORNE) in self.claims.get(message_id, ())

    def new_claims(self) -> list[tuple[str, Claim]]:
        """Return what the store does not hold yet."""
        return sorted(self._added, key=lambda pair: (pair[0], pair[1].thread, pair[1].named_by))

    def _admits(self, letter: Letter, thread: int) -> bool:
        people = self.people.get(thread, ())
        if letter.sender == NOBODY:
            return letter.from_me or people == {NOBODY}
        return bool(people) and may_join(
            letter.sender, from_me=letter.from_me, participants=people, admission=self.admission
        )

    def _named(self, letter: Letter, conversations: Iterable[str]) -> dict[int, None]:
        """Return the latest thread it may join of the first of these conversations that has one."""
        threads = (key for uid in conversations for key in reversed(self.marked.get(uid, ())))
        return self._first(letter, threads)

    def _first(self, letter: Letter, threads: Iterable[int]) -> dict[int, None]:
        return dict.fromkeys(itertools.islice((t for t in threads if self._admits(letter, t)), 1))

    def _parents(self, letter: Letter) -> dict[int, None]:
        return {
            claim.thread: None
            for name in letter.ancestors
            for claim in self.claims.get(name, ())
            if self._may_follow(letter, claim)
        }

    def _may_follow(self, letter: Letter, claim: Claim) -> bool:
        if claim.named_by == BORNE:
            return letter.from_me or self._admits(letter, claim.thread)
        # The mail itself is not here; somebody only named it. A stranger may have: their word
        # counts for themselves, and where both sides wrote to each other.
        if letter.from_me:
            return claim.named_by == BY_US or claim.named_by in letter.people
        known = letter.sender in self.people[claim.thread]
        if claim.named_by == BY_US:
            return known
        if letter.sender == NOBODY:
            return False
        return claim.named_by == letter.sender or (known and claim.named_by in letter.people)

    def _children(self, letter: Letter) -> tuple[dict[int, None], dict[int, None]]:
        """Return threads whose mails answer this one and came before it (rule C5).

        An answer counts if its author was among those this mail was written by or to, as it would
        have to be had it come later. The second are those of strangers.
        """
        admitted: dict[int, None] = {}
        strangers: dict[int, None] = {}
        for claim in self.claims.get(letter.message_id, ()):
            if claim.named_by in (BORNE, REPORTED):
                continue
            mine = claim.named_by == BY_US or self._is_one_of(claim.named_by, letter)
            (admitted if mine else strangers)[claim.thread] = None
        return admitted, {key: None for key in strangers if key not in admitted}

    def _is_one_of(self, author: str, letter: Letter) -> bool:
        if author == NOBODY:
            return letter.people == {NOBODY}
        return may_join(author, from_me=False, participants=letter.people, admission=self.admission)

    def _grouped(self, letter: Letter) -> dict[int, None]:
        return {
            claim.thread: None
            for claim in self.claims.get(letter.group, ())
            if letter.group and (letter.from_me or self._admits(letter, claim.thread))
        }

    def _refusing(self, letter: Letter) -> int | None:
        """Return the thread whose id or mark it bears without taking part in it."""
        for uid in letter.addressed:
            if self.marked.get(uid):
                return self.marked[uid][-1]
        for name in letter.ancestors:
            for claim in self.claims.get(name, ()):
                if claim.named_by == BORNE:
                    return claim.thread
        return None

    def _start(self) -> int:
        key = -1 - len(self.new)
        self.new.append(key)
        self.people[key] = set()
        return key

    def _enter(self, letter: Letter, thread: int) -> None:
        self.people[thread] |= letter.people
        for name in (letter.message_id, letter.group):
            if name:
                self._add(name, Claim(thread, BORNE))
        author = BY_US if letter.from_me else letter.sender
        if author:  # nobody's word counts for nothing
            for name in letter.ancestors:
                self._add(name, Claim(thread, author))

    def _add(self, message_id: str, claim: Claim) -> None:
        claims = self.claims.setdefault(message_id, [])
        if claim not in claims:
            claims.append(claim)
            self._added.add((message_id, claim))
