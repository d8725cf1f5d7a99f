"""Who listens to something, each told in turn. A leaf: on whatever thread has the news."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Listeners(Generic[T]):
    """Functions that are called with every piece of news, in the order in which they came.

    Any thread may add one, or end a subscription, also while the others are being told.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], None]] = []

    def subscribe(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Have `listener` told from now on. Returns what ends the subscription; idempotent."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def tell(self, news: T) -> None:
        """Call everybody who listens, on this thread."""
        for listener in self:
            listener(news)

    def __iter__(self) -> Iterator[Callable[[T], None]]:
        """Go through those who listen now."""
        return iter(tuple(self._listeners))
