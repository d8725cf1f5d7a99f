"""What one person chose on one machine: typed settings with default, range and title, kept as JSON.

Owned by the UI thread; reading is safe anywhere. What a whole workspace shares lies in its
database.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar, overload

from desktop_inbox.i18n import N_
from desktop_inbox.listeners import Listeners

T = TypeVar("T")

logger = logging.getLogger(__name__)

_FILE_VERSION = 1


class Setting(Generic[T]):
    """One declared setting: a descriptor that reads and writes its owner's values.

    `title` is untranslated; an empty one means that no page shows it. `minimum` and `maximum` are
    inclusive. A stored value of the wrong type or out of range counts as absent.
    """

    def __init__(
        self,
        default: T,
        *,
        title: str = "",
        minimum: int | None = None,
        maximum: int | None = None,
        choices: tuple[T, ...] = (),
    ) -> None:
        self.default = default
        self.title = title
        self.minimum = minimum
        self.maximum = maximum
        self.choices = choices
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, owner: None, owner_type: type) -> Setting[T]: ...
    @overload
    def __get__(self, owner: Settings, owner_type: type) -> T: ...
    def __get__(self, owner: Settings | None, owner_type: type) -> Setting[T] | T:
        if owner is None:
            return self
        value = owner.values.get(self.name, self.default)
        return value if self.allows(value) else self.default  # type: ignore[return-value]

    def __set__(self, owner: Settings, value: T) -> None:
        if not self.allows(value):
            raise ValueError(f"{self.name} cannot be {value!r}")
        owner.change(self.name, value)

    def allows(self, value: object) -> bool:
        """Tell whether `value` may be kept."""
        if type(value) is not type(self.default):  # bool is no int here
            return False
        if self.choices and value not in self.choices:
            return False
        if isinstance(value, int):
            too_small = self.minimum is not None and value < self.minimum
            return not too_small and not (self.maximum is not None and value > self.maximum)
        return True


class Settings:
    """The values of one person on one machine; every change is written at once.

    Keys this version does not know are kept, so that going back to an older version loses nothing.
    """

    language = Setting("", title=N_("Language"), choices=("", "en", "tr"))  # '': the system's
    theme = Setting("system", title=N_("Appearance"), choices=("system", "light", "dark"))
    text_size_percent = Setting(100, title=N_("Text size"), minimum=80, maximum=160)
    undo_send_seconds = Setting(10, title=N_("Undo send within"), minimum=0, maximum=60)
    hold_if_answered = Setting(True, title=N_("Sent later, and the customer wrote first"))
    skip_late_after_hours = Setting(
        0, title=N_("Sent later, hold what is late by (0: never)"), minimum=0, maximum=720
    )
    mark_read_after_ms = Setting(1000, title=N_("Mark read after"), minimum=0, maximum=60_000)
    after_close = Setting(
        "next", title=N_("After closing, show"), choices=("next", "previous", "none")
    )
    notify = Setting(True, title=N_("Notifications"))
    notify_watched = Setting(
        "inbox",
        title=N_("Tell of new messages in"),
        choices=("inbox", "mine_or_nobodys", "mine"),
    )
    notify_privacy = Setting(
        "all", title=N_("A notification shows"), choices=("all", "name", "none")
    )
    notify_levels = Setting[dict[str, object]]({})  # what differs from the usual, by class
    notify_accounts = Setting[dict[str, object]]({})  # the same for one account, by its uid
    notify_quiet = Setting("never", title=N_("Quiet"), choices=("never", "hours", "closed"))
    notify_quiet_from = Setting("22:00", title=N_("Quiet from"))
    notify_quiet_until = Setting("08:00", title=N_("Quiet until"))
    notify_vip = Setting(True, title=N_("VIP customers are heard all the same"))
    notify_breach = Setting(True, title=N_("What is overdue is heard all the same"))
    tray_icon = Setting(True, title=N_("An icon in the tray"))
    close_to_tray = Setting(False, title=N_("Closing the window"))
    close_explained = Setting(False)  # a person was asked what closing shall mean
    spelling = Setting(True, title=N_("Check spelling while writing"))
    spelling_words = Setting[list[object]]([])  # one's own, right in every language
    formatting_bar = Setting(False)  # the composer shows its buttons for the layout
    daily_backup = Setting(True, title=N_("Keep daily copies of the workspace"))
    look_for_updates = Setting(True, title=N_("Look for new versions"))
    updates = Setting[dict[str, object]]({})  # learned from announcements: `services.updates`
    tips_seen = Setting(False)  # the tour of five tips was begun
    news_seen = Setting("")  # the version that was started last; '' for none
    # What this program is called where people sign in through the browser; '' for not at all.
    google_client_id = Setting("", title=N_("Client id at Google"))
    microsoft_client_id = Setting("", title=N_("Client id at Microsoft"))
    last_view = Setting("inbox")
    recent_searches = Setting[list[object]]([])  # the last one first
    list_sorts = Setting[dict[str, object]]({})  # by view: what its list is sorted by
    palette_uses = Setting[dict[str, object]]({})  # how often each command was chosen by its name
    picture_senders = Setting[list[object]]([])  # whose pictures from the web are shown unasked
    window = Setting[dict[str, object]]({})  # geometry, splitter sizes, folded panes

    def __init__(self, path: Path | None = None) -> None:
        """Read `path`; None keeps everything in memory (the sample shop, tests)."""
        self.path = path
        self.values: dict[str, object] = _read(path) if path else {}
        self._listeners: Listeners[str] = Listeners()

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener(name)` after each change; returns what ends it."""
        return self._listeners.subscribe(listener)

    def change(self, name: str, value: object) -> None:
        """Keep a value and tell the listeners; declared settings come here through `=`."""
        if self.values.get(name) == value and name in self.values:
            return
        self.values[name] = value
        self.save()
        self._listeners.tell(name)

    def save(self) -> None:
        """Write the file whole or not at all; a full disk is logged, the value stays in memory."""
        if self.path is None:
            return
        text = json.dumps({**self.values, "version": _FILE_VERSION}, ensure_ascii=False, indent=2)
        scratch = self.path.with_suffix(".json.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(text + "\n", encoding="utf-8")
            scratch.replace(self.path)
        except OSError as error:
            logger.warning("settings not written: %s", error.strerror)


def _read(path: Path) -> dict[str, object]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        logger.warning("settings not readable, defaults are used: %s", error.strerror)
        return {}
    except ValueError:
        # A torn file must not stop the program; it is kept for whoever wants to mend it.
        logger.warning("settings not readable, defaults are used")
        _set_aside(path)
        return {}
    return values if isinstance(values, dict) else {}


def _set_aside(path: Path) -> None:
    try:
        path.replace(path.with_suffix(".json.broken"))
    except OSError as error:
        logger.warning("settings could not be set aside: %s", error.strerror)
