"""The page of the settings about notifications, quiet hours and the tray, with a test button.

UI thread only.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTime
from PySide6.QtWidgets import QComboBox, QTimeEdit

from desktop_inbox.domain.notices import USUAL, Kind, Level
from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.dialogs.settings_form import SettingsPage, tell
from desktop_inbox.ui.notifications import wishes
from desktop_inbox.ui.notifications.shower import Ability
from desktop_inbox.ui.tray import has_tray
from desktop_inbox.ui.views.controls import button, with_air

_KINDS: tuple[tuple[Kind, str], ...] = (
    (Kind.EMAIL, N_("A new e-mail")),
    (Kind.CHAT, N_("A new chat message")),
    (Kind.MENTION, N_("Somebody mentions you in a note")),
    (Kind.WARNING, N_("An answer is due soon")),
    (Kind.BREACH, N_("An answer is overdue")),
    (Kind.WINDOW, N_("The time to answer on a channel ends soon")),
    (Kind.WOKE, N_("A conversation comes back from snoozing")),
    (Kind.FAILED_SEND, N_("A message could not be sent")),
    (Kind.ACCOUNT, N_("A channel is not connected")),
)
_LEVELS: dict[Level, str] = {
    Level.OFF: N_("Nothing"),
    Level.BADGE: N_("Only a mark on the program"),
    Level.BANNER: N_("A notification"),
    Level.SOUND: N_("A notification with sound"),
}
_EVERYWHERE = ""
_CLOCK = "HH:mm"


class NotificationsPage(SettingsPage):
    """What is told to a person who looks elsewhere, and when nothing is."""

    id = "notifications"
    title = N_("Notifications")
    icon = "bell"

    def build(self) -> None:
        self._basics()
        self._levels()
        self._quiet()
        self._tray()

    async def load(self) -> None:
        """List the channels anew: some may have come or gone."""
        self._list_channels()

    def _basics(self) -> None:
        self.switch("notify", note=_("Off, nothing is shown and no sound is heard."))
        self._test = button(_("Show one now"), clicked=self._try)
        self._tried = self.row(
            _("Test"),
            self._test,
            note=_("Shows a notification, and says what this system can do."),
            words=_("Notifications"),
        )
        self.choice(
            "notify_watched",
            (
                ("inbox", _("The whole inbox")),
                ("mine_or_nobodys", _("Mine and nobody's")),
                ("mine", _("Mine only")),
            ),
        )
        self.choice(
            "notify_privacy",
            (
                ("all", _("Who writes, and what")),
                ("name", _("Only who writes")),
                ("none", _("Neither")),
            ),
            note=_("Others may see your screen."),
        )

    # --- how loudly ---

    def _levels(self) -> None:
        self.section(
            _("What is told"),
            _("Newsletters, automatic answers and what you write yourself never are."),
        )
        self._channel = QComboBox()
        self._list_channels()
        self._channel.currentIndexChanged.connect(lambda _index: self._show_levels())
        self.row(_("Of which channel"), self._channel)
        self._boxes: dict[Kind, QComboBox] = {}
        for kind, words in _KINDS:
            box = self._boxes[kind] = QComboBox()
            box.activated.connect(partial(self._choose, kind))
            self.row(_(words), box)
        self._show_levels()

    def _list_channels(self) -> None:
        chosen = self._channel.currentData()
        self._channel.blockSignals(True)
        self._channel.clear()
        self._channel.addItem(_("Every channel"), _EVERYWHERE)
        for row in self.desk.accounts.rows:
            self._channel.addItem(row.title, row.uid)
        self._channel.setCurrentIndex(max(0, self._channel.findData(chosen)))
        self._channel.blockSignals(False)

    def _show_levels(self) -> None:
        """Show what holds for the chosen channel; one may go along with all the others."""
        uid = str(self._channel.currentData() or _EVERYWHERE)
        wished = wishes.of(self.context.settings)
        own = wished.by_account.get(uid, {})
        for kind, box in self._boxes.items():
            general = wished.levels.get(kind, USUAL[kind])
            box.clear()
            if uid:
                box.addItem(_("As every channel"), None)
                box.setItemData(0, _(_LEVELS[general]), Qt.ItemDataRole.ToolTipRole)
            for level, words in _LEVELS.items():
                box.addItem(_(words), level.value)
            shown = own.get(kind) if uid else general
            box.setCurrentIndex(box.findData(shown.value) if shown is not None else 0)
            _explain(box)

    def _choose(self, kind: Kind, place: int) -> None:
        value = self._boxes[kind].itemData(place)
        wishes.set_level(
            self.context.settings,
            kind,
            None if value is None else Level(value),
            account=str(self._channel.currentData() or _EVERYWHERE),
        )
        _explain(self._boxes[kind])

    # --- quiet ---

    def _quiet(self) -> None:
        self.section(
            _("Quiet hours"),
            _("What is still true afterwards is told then; new messages show as unread only."),
        )
        quiet = self.choice(
            "notify_quiet",
            (
                ("never", _("Never")),
                ("hours", _("Between two times")),
                ("closed", _("Outside business hours")),
            ),
        )
        self._times = (self._time("notify_quiet_from"), self._time("notify_quiet_until"))
        quiet.activated.connect(lambda _index: self._enable_times())
        self._enable_times()
        self.switch("notify_vip")
        self.switch("notify_breach")

    def _time(self, name: str) -> QTimeEdit:
        settings = self.context.settings
        box = with_air(QTimeEdit(QTime.fromString(getattr(settings, name), _CLOCK)))
        box.setDisplayFormat(_CLOCK)
        box.timeChanged.connect(lambda time: setattr(settings, name, time.toString(_CLOCK)))
        self.row(_(getattr(type(settings), name).title), box)
        return box

    def _enable_times(self) -> None:
        for box in self._times:
            box.setEnabled(self.context.settings.notify_quiet == "hours")

    # --- the tray ---

    def _tray(self) -> None:
        self.section(_("Tray"))
        there = has_tray()
        icon = self.switch("tray_icon", note="" if there else _("This desktop has no tray for it."))
        closing = self.choice(
            "close_to_tray",
            ((False, _("Quits the program")), (True, _("Goes on in the tray"))),
            note=""
            if there
            else _("Without a tray, closing the window quits: nothing could bring it back."),
        )
        closing.activated.connect(
            lambda _index: setattr(self.context.settings, "close_explained", True)
        )
        icon.setEnabled(there)
        closing.setEnabled(there)

    # --- trying ---

    def _try(self) -> None:
        if self.context.notifier is not None:
            self._test.setEnabled(False)
            self.context.start(self._tell_ability(), name="notifications")

    async def _tell_ability(self) -> None:
        assert self.context.notifier is not None
        try:
            tell(self._tried, ability_words(await self.context.notifier.test()))
        finally:
            self._test.setEnabled(True)


def _explain(box: QComboBox) -> None:
    """Say of one that goes along with all channels what that means."""
    box.setToolTip(str(box.currentData(Qt.ItemDataRole.ToolTipRole) or ""))


def ability_words(ability: Ability) -> str:
    """Return what notifications can do here, and what to do where they cannot be shown."""
    if not ability.server:
        text = _(
            "Nothing here shows notifications. Unread conversations are counted in the window's "
            "title. On Linux, install a notification service such as the one of your desktop."
        )
        return f"{text} ({ability.problem})" if ability.problem else text
    can = [
        words
        for known, words in (
            ("body", _("text")),
            ("actions", _("buttons")),
            ("sound", _("sound")),
            ("persistence", _("a list of what you missed")),
        )
        if known in ability.can
    ]
    return _("Shown by {server}. It can do: {abilities}.").format(
        server=ability.server, abilities=", ".join(can) or _("a title only")
    )
