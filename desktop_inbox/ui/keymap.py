"""Which keys do what: two ready sets, what one person changed in them, and where keys collide.

Pure values and functions. The file in which a person's keys are kept is `ui.key_file`'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtGui import QKeyEvent

from desktop_inbox.i18n import N_, _
from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.actions import key_text
from desktop_inbox.ui.key_events import chords, is_command, parse, portable

Keys = tuple[str, ...]

GMAIL, THUNDERBIRD = "gmail", "thunderbird"
PRESETS = {GMAIL: N_("As in Gmail: single letters"), THUNDERBIRD: N_("As in Thunderbird")}

# What differs from the table. Keys that Thunderbird has no command for stay as they are.
_THUNDERBIRD: dict[str, Keys] = {
    "compose.new": ("Ctrl+N",),
    "reply": ("Ctrl+R",),
    "reply_all": ("Ctrl+Shift+R",),
    "forward": ("Ctrl+L",),
    "conversation.close": ("A",),
    "conversation.reopen": ("Shift+J",),
    "conversation.assign": ("I",),
    "conversation.unassign": ("Shift+I",),
    "conversation.spam": ("J",),
    "conversation.trash": ("Del",),
    "conversation.read": ("M",),
    "conversation.unread": ("Shift+M",),
    "thread.expand": ("*",),
    "thread.collapse": ("\\",),
    "list.next": ("F",),
    "list.previous": ("B",),
    "list.open": ("Ctrl+O",),
    "list.select_all": ("Ctrl+A",),
    "list.select_none": ("Ctrl+Shift+A",),
    "list.select_read": (),
    "list.select_unread": (),
    "search": ("Ctrl+K", "/"),
    "palette": ("Ctrl+Shift+P",),
    "fold.sidebar": ("F8",),
    "help": ("?",),
    "guide": ("F1",),
}

_ENGLISH = {spec.id: spec.text for spec in TABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keymap:
    """A ready set and what was changed in it. No keys at all is a change as well."""

    preset: str = GMAIL
    changed: Mapping[str, Keys] = field(default_factory=dict)

    def with_keys(self, action_id: str, keys: Keys) -> Keymap:
        """Give an action other keys; those of the set are no change."""
        changed = {name: own for name, own in self.changed.items() if name != action_id}
        if keys != preset_keys(self.preset)[action_id]:
            changed[action_id] = keys
        return replace(self, changed=changed)

    def without(self, action_id: str) -> Keymap:
        """Take back what was changed of an action."""
        return self.with_keys(action_id, preset_keys(self.preset)[action_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two actions that want the same key, or one whose key begins the other's keys."""

    keys: str  # of the one that goes without
    works: str  # action id
    sleeps: str

    def words(self) -> str:
        """Say it to a person."""
        return _("{key} is taken by “{other}”, so “{action}” goes without it.").format(
            key=key_text(self.keys), other=_(_ENGLISH[self.works]), action=_(_ENGLISH[self.sleeps])
        )


def preset_keys(preset: str) -> dict[str, Keys]:
    """Return the keys of a ready set for every action."""
    differs = _THUNDERBIRD if preset == THUNDERBIRD else {}
    return {spec.id: differs.get(spec.id, spec.keys) for spec in TABLE}


def in_force(keymap: Keymap) -> tuple[dict[str, Keys], list[Conflict]]:
    """Return the keys that work, and what had to give way: what a person changed comes first."""
    wanted = preset_keys(keymap.preset) | dict(keymap.changed)
    own_first = sorted(TABLE, key=lambda spec: spec.id not in keymap.changed)
    taken: dict[tuple[str, tuple[int, ...]], str] = {}
    found: dict[str, Keys] = {}
    conflicts: list[Conflict] = []
    for spec in own_first:
        kept: list[str] = []
        for keys in wanted[spec.id]:
            chords = parse(keys)
            other = _in_the_way(taken, spec.scope, chords)
            if other is None or other == spec.id:
                taken[spec.scope, chords] = spec.id
                kept.append(keys)
            else:
                conflicts.append(Conflict(keys=keys, works=other, sleeps=spec.id))
        found[spec.id] = tuple(kept)
    return found, conflicts


# What a text does by itself, wherever it stands: in the window the same keys come as its actions.
_IN_A_TEXT = frozenset(
    {"send", "send.close", "send.later", "attach", "paste.plain", "undo"}
    | {spec.id for spec in TABLE if spec.id.startswith("format.")}
)


def in_a_text(keys: Callable[[str], Keys], event: QKeyEvent) -> str | None:
    """Return the action that a key means in a text that is written, None where it types.

    `keys` says which keys of an action are in force.
    """
    pressed = [(chord,) for chord in chords(event) if is_command(chord)]
    if not pressed:
        return None
    bound = {parse(one): action_id for action_id in _IN_A_TEXT for one in keys(action_id)}
    return next((bound[one] for one in pressed if one in bound), None)


def usual_keys(action_id: str) -> Keys:
    """Return the keys that an action has where nobody chose others."""
    return preset_keys(GMAIL)[action_id]


def _in_the_way(
    taken: Mapping[tuple[str, tuple[int, ...]], str], scope: str, chords: tuple[int, ...]
) -> str | None:
    """Return what has the keys already, their beginning, or keys that they begin."""
    for (place, other), action_id in taken.items():
        length = min(len(chords), len(other))
        if place == scope and chords[:length] == other[:length]:
            return action_id
    return None


# --- as text ---


def write(keymap: Keymap) -> str:
    """Return a keymap as the text of its file, with every action named for who edits it."""
    keys, _conflicts = in_force(keymap)
    value = {
        "preset": keymap.preset,
        "keys": {name: list(own) for name, own in sorted(keymap.changed.items())},
        "every action": {
            spec.id: f"{spec.text}: {'  '.join(keys[spec.id])}".rstrip(": ") for spec in TABLE
        },
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def read(text: str) -> tuple[Keymap, list[str]]:
    """Return the keymap of a file, and sentences about what in it makes no sense.

    Raises:
        ValueError: it is no JSON object; the message says where.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        place = _("line {line}, column {column}").format(line=error.lineno, column=error.colno)
        raise ValueError(f"{place}: {error.msg}") from error
    except RecursionError as error:
        raise ValueError(_("too many brackets lie in each other")) from error
    if not isinstance(value, dict):
        raise ValueError(_("it must hold one object, in braces"))
    problems: list[str] = []
    preset = value.get("preset", GMAIL)
    if not isinstance(preset, str) or preset not in PRESETS:
        problems.append(
            _("There is no set “{name}”; there are {known}.").format(
                name=preset, known=", ".join(PRESETS)
            )
        )
        preset = GMAIL
    changed = value.get("keys", {})
    if not isinstance(changed, dict):
        problems.append(_("“keys” must be an object that names actions."))
        changed = {}
    known = dict(_read_changes(changed, problems))
    return Keymap(preset=preset, changed=known), problems


def _read_changes(changed: Mapping[str, object], problems: list[str]) -> Iterable[tuple[str, Keys]]:
    for name, keys in changed.items():
        if name not in _ENGLISH:
            problems.append(_("There is no action “{name}”.").format(name=name))
            continue
        listed = [keys] if isinstance(keys, str) else keys
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            problems.append(_("The keys of “{name}” must be a list of texts.").format(name=name))
            continue
        wrong = [one for one in listed if not parse(one)]
        problems.extend(
            _("“{key}” of “{name}” is no key.").format(key=one, name=name) for one in wrong
        )
        if len(wrong) < len(listed) or not listed:
            yield name, tuple(portable(parse(one)) for one in listed if one not in wrong)
