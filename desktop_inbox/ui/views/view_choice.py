"""Which view the navigation stands at, and how it was last sorted. UI thread only."""

from __future__ import annotations

from typing import NamedTuple

from desktop_inbox.settings import Settings
from desktop_inbox.store.lists import SAVED, ListQuery, sort_of

_SAVED_KEY = f"{SAVED}:"


class ViewChoice(NamedTuple):
    """A view of the navigation: a built-in one, of a channel, of a tag, or one a person made."""

    view: str = "inbox"
    account_id: int | None = None
    tag_id: int | None = None
    saved_id: int | None = None
    title: str = ""

    @property
    def key(self) -> str:
        """What the settings remember it by: "inbox", "account:3", "tag:2", "saved:5"."""
        if self.account_id is not None:
            return f"account:{self.account_id}"
        if self.tag_id is not None:
            return f"tag:{self.tag_id}"
        return self.view if self.saved_id is None else f"{_SAVED_KEY}{self.saved_id}"

    @property
    def plain(self) -> bool:
        """Whether it is one that every workspace has."""
        return self.account_id is None and self.tag_id is None and self.saved_id is None


def saved_choice(saved_id: int, title: str) -> ViewChoice:
    """Return the choice of a view that a person made."""
    return ViewChoice(view=SAVED, saved_id=saved_id, title=title)


def choice_of(kind: str, key: int) -> ViewChoice:
    """Return the choice of an account, tag or saved view by its id, or of a view by its name."""
    match kind:
        case "account":
            return ViewChoice(account_id=key)
        case "tag":
            return ViewChoice(tag_id=key)
    return saved_choice(key, "") if kind == SAVED else ViewChoice(view=kind)


def remembered(key: str) -> ViewChoice | None:
    """Return the saved view of a key, its title not known yet; None for another key."""
    number = key.removeprefix(_SAVED_KEY)
    if number == key or not (number.isascii() and number.isdigit()):
        return None
    return saved_choice(int(number), "")


def sort_for(settings: Settings, choice: ViewChoice) -> str:
    """Return what a view is sorted by: what was chosen for it, or what it is for."""
    return sort_of(choice.view, str(settings.list_sorts.get(choice.key, "")))


def query_of(settings: Settings, choice: ViewChoice) -> ListQuery:
    """Return what the list of a view is asked for."""
    return ListQuery(
        view=choice.view,
        account_id=choice.account_id,
        tag_id=choice.tag_id,
        saved_id=choice.saved_id,
        sort=sort_for(settings, choice),
    )


def keep_sort(settings: Settings, choice: ViewChoice, sort: str) -> None:
    """Remember how a view is sorted from now on; what it is for anyway is not kept."""
    kept = {key: value for key, value in settings.list_sorts.items() if key != choice.key}
    if sort != sort_of(choice.view):
        kept[choice.key] = sort
    settings.list_sorts = kept
