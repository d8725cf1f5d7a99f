"""Listeners: who is told, in which order, and until when."""

from __future__ import annotations

from desktop_inbox.listeners import Listeners


def test_everybody_is_told_in_the_order_in_which_they_came() -> None:
    listeners: Listeners[str] = Listeners()
    heard: list[tuple[int, str]] = []
    listeners.subscribe(lambda news: heard.append((1, news)))
    listeners.subscribe(lambda news: heard.append((2, news)))

    listeners.tell("closed")

    assert heard == [(1, "closed"), (2, "closed")]


def test_a_subscription_that_ended_is_not_told_and_may_be_ended_again() -> None:
    listeners: Listeners[int] = Listeners()
    heard: list[int] = []
    end = listeners.subscribe(heard.append)
    end()
    end()

    listeners.tell(1)

    assert heard == []


def test_the_same_listener_twice_is_told_once_less_a_subscription_that_ended() -> None:
    listeners: Listeners[int] = Listeners()
    heard: list[int] = []
    listeners.subscribe(heard.append)
    end = listeners.subscribe(heard.append)
    listeners.tell(1)
    end()
    listeners.tell(2)

    assert heard == [1, 1, 2]


def test_who_leaves_while_told_keeps_nobody_else_from_hearing_it() -> None:
    listeners: Listeners[int] = Listeners()
    heard: list[int] = []
    end = listeners.subscribe(lambda _news: end())
    listeners.subscribe(heard.append)

    listeners.tell(1)

    assert heard == [1]
