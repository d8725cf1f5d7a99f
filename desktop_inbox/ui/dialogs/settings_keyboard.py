"""The page of the settings on which every key can be changed by pressing it. UI thread only."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.action_table import TABLE, ActionSpec
from desktop_inbox.ui.dialogs.settings_form import FoundLabel, SettingsPage, tell
from desktop_inbox.ui.keymap import PRESETS, Keymap
from desktop_inbox.ui.views.controls import button, icon_button
from desktop_inbox.ui.views.key_field import KeyField


class KeyboardPage(SettingsPage):
    """A ready set, and what differs from it. What collides is said where it stands."""

    id = "keyboard"
    title = N_("Keyboard")
    icon = "keyboard"

    def build(self) -> None:
        keys = self.context.keys
        self._rows: dict[str, tuple[_KeyRow, FoundLabel]] = {}
        self._presets = QComboBox()
        for name, words in PRESETS.items():
            self._presets.addItem(_(words), name)
        self._presets.activated.connect(
            lambda _index: keys.choose(Keymap(preset=self._presets.currentData()))
        )
        self.row(_("Keys"), self._presets, note=_("Choosing a set takes back your changes."))
        self._reset = button(_("Take back every change"), clicked=self._take_back_all)
        self._changes = self.row(_("Your changes"), self._reset, note=" ")
        if keys.path is not None:
            self.row(
                _("The file of your keys"),
                button(_("Open the file"), clicked=keys.show),
                note=_("For several keys on one action, or to take them to another computer."),
            )
        groups: dict[str, list[ActionSpec]] = {}
        for spec in TABLE:
            if spec.keys or spec.in_palette:  # else it is for who has no window before them
                groups.setdefault(spec.group, []).append(spec)
        for group, specs in groups.items():
            self.section(_(group))
            for spec in specs:
                line = _KeyRow(self, spec)
                self._rows[spec.id] = line, self.row(_(spec.text), line, note=" ")
        keys.changed.connect(self._show)
        self._show()

    def change(self, action_id: str, keys: str) -> None:
        """Give an action the keys that were pressed, or none."""
        current = self.context.keys
        current.choose(current.keymap.with_keys(action_id, (keys,) if keys else ()))

    def take_back(self, action_id: str) -> None:
        """Give an action the keys of the set again."""
        self.context.keys.choose(self.context.keys.keymap.without(action_id))

    def _take_back_all(self) -> None:
        keys = self.context.keys
        keys.choose(Keymap(preset=keys.keymap.preset))

    def _show(self) -> None:
        keys = self.context.keys
        self._presets.setCurrentIndex(self._presets.findData(keys.keymap.preset))
        self._reset.setEnabled(bool(keys.keymap.changed))
        names = ", ".join(_(spec.text) for spec in TABLE if spec.id in keys.keymap.changed)
        tell(self._changes, names or _("There are none."))
        for action_id, (line, note) in self._rows.items():
            told = [one.words() for one in keys.conflicts if action_id in (one.works, one.sleeps)]
            line.show_keys(
                self.context.actions.keys(action_id), changed=action_id in keys.keymap.changed
            )
            tell(note, "\n".join(told))


class _KeyRow(QWidget):
    """The field of one action, and what takes its change back."""

    def __init__(self, page: KeyboardPage, spec: ActionSpec) -> None:
        super().__init__()
        self._field = KeyField(_(spec.text))
        self._field.pressed_keys.connect(partial(page.change, spec.id))
        self._back = icon_button(
            page.context.theme,
            "rotate-ccw",
            _("{action}: take back the change").format(action=_(spec.text)),
            clicked=partial(page.take_back, spec.id),
        )
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._field, 1)
        row.addWidget(self._back)
        self.setFocusProxy(self._field)

    def show_keys(self, keys: tuple[str, ...], *, changed: bool) -> None:
        self._field.show_keys(keys)
        self._back.setVisible(changed)
