"""Who is meant in a note: `@name`, in any case, of the people of this workspace. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from desktop_inbox.domain.folding import fold

T = TypeVar("T")


def handle(name: str) -> str:
    """Return what stands for a person of this name: `@` and the name, without its spaces."""
    return f"@{''.join(name.split())}"


def handles(people: Iterable[tuple[T, str]]) -> dict[str, T]:
    """Return the handles of people, given with their names: the first name where it is enough.

    Somebody without a name has none.
    """
    known = [(one, name) for one, name in people if name.split()]
    found: dict[str, T] = {}
    for one, name in known:
        first = fold(name.split()[0])
        alone = sum(fold(other.split()[0]) == first for _person, other in known) == 1
        found[handle(name.split()[0]) if alone else handle(name)] = one
    return found


def mentioned(text: str, people: Mapping[str, T]) -> tuple[T, ...]:
    """Return who is meant in `text`, each once, in order; `people` are theirs by `handles`."""
    by_word = {fold(name): one for name, one in people.items()}
    found = (by_word.get(fold(word)) for word in re.findall(r"(?<!\w)@[\w.-]*\w", text))
    return tuple(dict.fromkeys(one for one in found if one is not None))
