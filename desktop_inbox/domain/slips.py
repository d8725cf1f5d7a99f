"""Which word was meant: the nearest of a few, and the words one slip away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate that `word` was most likely meant to be, '' where none is near."""
    most = 1 if len(word) <= 3 else 2
    scored = [(distance(word, one), one) for one in candidates]
    best = min(scored, default=(most + 1, ""), key=lambda pair: pair[0])
    return best[1] if best[0] <= most else ""


def distance(one: str, other: str) -> int:
    """Return how many letters were left out, added, changed or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, here in enumerate(one, start=1):
        line = [row]
        for column, there in enumerate(other, start=1):
            cost = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (here != there))
            swapped = row > 1 and column > 1 and here == other[column - 2] and one[row - 2] == there
            if swapped:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]


def slips(word: str) -> Iterator[str]:
    """Yield every word that is one slip away: a letter swapped, left out, changed or added."""
    letters = dict.fromkeys([*_LETTERS, *word])
    seen = {word}
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        made = [head + tail[1:]] if tail else []
        if len(tail) > 1:
            made.append(head + tail[1] + tail[0] + tail[2:])
        made += [head + letter + tail[1:] for letter in letters] if tail else []
        made += [head + letter + tail for letter in letters]
        for one in made:
            if one and one not in seen:
                seen.add(one)
                yield one
