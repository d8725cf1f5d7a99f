"""Which keys do what: the ready sets, a person's own, the file they are kept in, and collisions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from desktop_inbox.settings import Settings
from desktop_inbox.ui import keymap
from desktop_inbox.ui.action_table import TABLE
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.key_events import parse
from desktop_inbox.ui.keymap import GMAIL, PRESETS, THUNDERBIRD, Keymap
from tests.support.qt_waits import until

IDS = [spec.id for spec in TABLE]


@pytest.mark.parametrize("preset", PRESETS)
def test_in_a_ready_set_no_two_actions_want_the_same_key(preset: str) -> None:
    keys, conflicts = keymap.in_force(Keymap(preset=preset))
    assert [one.words() for one in conflicts] == []
    assert keys == keymap.preset_keys(preset)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_ready_set_names_only_actions_and_keys_that_exist(preset: str) -> None:
    for action_id, keys in keymap.preset_keys(preset).items():
        assert action_id in IDS
        assert all(parse(one) for one in keys), action_id


def test_the_gmail_set_has_the_keys_that_people_know() -> None:
    keys = keymap.preset_keys(GMAIL)
    known = {
        "list.next": "J", "list.previous": "K", "list.open": "O", "list.select": "X",
        "list.select_all": "*, A", "list.select_none": "*, N", "list.select_read": "*, R",
        "list.select_unread": "*, U", "list.back": "U", "conversation.close": "E",
        "conversation.trash": "#", "conversation.spam": "!", "conversation.move": "V",
        "conversation.tag": "L", "conversation.assign": "A", "conversation.snooze": "H",
        "conversation.close_next": "]", "conversation.close_previous": "[",
        "conversation.read": "Shift+I", "conversation.unread": "Shift+U", "go.inbox": "G, I",
        "go.mine": "G, M", "go.drafts": "G, D", "go.outbox": "G, O", "search": "/", "help": "?",
        "message.next": "N", "message.previous": "P", "reply": "R", "reply_all": "Shift+R",
        "forward": "F", "note": "N", "compose.new": "C", "send": "Ctrl+Return",
        "send.later": "Ctrl+Shift+Return", "send.close": "Ctrl+Alt+Return",
        "attach": "Ctrl+Shift+A", "format.bold": "Ctrl+B", "format.link": "Ctrl+K",
    }  # fmt: skip
    assert {name: keys[name][0] for name in known} == known


def test_the_thunderbird_set_has_the_keys_that_people_know() -> None:
    keys = keymap.preset_keys(THUNDERBIRD)
    known = {
        "compose.new": "Ctrl+N", "reply": "Ctrl+R", "reply_all": "Ctrl+Shift+R",
        "forward": "Ctrl+L", "conversation.close": "A", "conversation.spam": "J",
        "conversation.trash": "Del", "conversation.read": "M", "list.next": "F",
        "list.previous": "B", "search": "Ctrl+K", "message.source": "Ctrl+U", "pane.next": "F6",
    }  # fmt: skip
    assert {name: keys[name][0] for name in known} == known


def test_a_persons_own_key_takes_it_from_who_had_it_and_that_is_said() -> None:
    own = Keymap().with_keys("conversation.snooze", ("E",))
    keys, [conflict] = keymap.in_force(own)
    assert keys["conversation.snooze"] == ("E",)
    assert keys["conversation.close"] == ()
    assert conflict.words() == "E is taken by “Snooze”, so “Close” goes without it."


def test_a_key_that_begins_the_keys_of_others_is_a_collision_as_well() -> None:
    keys, conflicts = keymap.in_force(Keymap().with_keys("conversation.close", ("G",)))
    assert keys["go.inbox"] == ()
    assert {"go.inbox", "go.mine", "go.outbox"} <= {one.sleeps for one in conflicts}


def test_keys_of_the_composer_do_not_collide_with_those_of_the_list() -> None:
    own = Keymap().with_keys("send", ("Ctrl+F",))
    assert keymap.in_force(own)[1] == []


def test_giving_an_action_its_old_keys_is_no_change_any_more() -> None:
    own = Keymap().with_keys("conversation.close", ("Y",)).with_keys("conversation.close", ("E",))
    assert own == Keymap()
    assert Keymap().with_keys("help", ()).without("help") == Keymap()


@given(
    st.sampled_from(sorted(PRESETS)),
    st.dictionaries(
        st.sampled_from(IDS),
        st.lists(st.sampled_from(["E", "G", "G, I", "Ctrl+K", "#", "?", "F6", "*, A"]), max_size=3),
        max_size=6,
    ),
)
def test_what_is_written_reads_back_and_no_key_works_twice(
    preset: str, changes: dict[str, list[str]]
) -> None:
    own = Keymap(preset=preset)
    for action_id, keys in changes.items():
        own = own.with_keys(action_id, tuple(dict.fromkeys(keys)))
    assert keymap.read(keymap.write(own)) == (own, [])
    found, conflicts = keymap.in_force(own)
    bound = [(spec.scope, one) for spec in TABLE for one in found[spec.id]]
    assert len(bound) == len(set(bound))
    for one in conflicts:
        assert one.keys not in found[one.sleeps] or one.works == one.sleeps


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"preset": "vim"}', "There is no set “vim”; there are gmail, thunderbird."),
        ('{"preset": [1]}', "There is no set “[1]”; there are gmail, thunderbird."),
        ('{"keys": []}', "“keys” must be an object that names actions."),
        ('{"keys": {"dance": ["D"]}}', "There is no action “dance”."),
        ('{"keys": {"help": 3}}', "The keys of “help” must be a list of texts."),
        ('{"keys": {"help": ["Hyper?"]}}', "“Hyper?” of “help” is no key."),
    ],
)
def test_what_makes_no_sense_is_named_and_the_rest_counts(text: str, problem: str) -> None:
    value = json.loads(text)
    if isinstance(value.get("keys", {}), dict):
        value.setdefault("keys", {})["search"] = "Ctrl+E"  # one key needs no list
    found, problems = keymap.read(json.dumps(value))
    assert problems == [problem]
    assert found.preset == GMAIL
    if found.changed:
        assert found.changed["search"] == ("Ctrl+E",)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"keys": {"help": ["?"],}}'])
def test_a_file_that_is_no_object_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"line|object"):
        keymap.read(text)


# --- the file ---


class _Desk:
    """A person whose settings lie in a folder."""

    def __init__(self, context: AppContext, folder: Path) -> None:
        context.settings = Settings(folder / "settings.json")
        self.path = folder / "keys.json"
        self.context = context
        self.banners: list[Banner] = []
        context.banner.connect(self.banners.append)

    def keys(self, action_id: str) -> tuple[str, ...]:
        return self.context.actions.keys(action_id)


@pytest.fixture
def desk(context: AppContext, tmp_path: Path) -> _Desk:
    folder = tmp_path / "config"
    folder.mkdir()
    return _Desk(context, folder)


async def test_an_edited_file_counts_at_once(qtbot: QtBot, desk: _Desk) -> None:
    keys = desk.context.keys
    assert desk.keys("conversation.close") == ("E",)
    desk.path.write_text('{"keys": {"conversation.close": ["Y"]}}', encoding="utf-8")
    await until(lambda: desk.keys("conversation.close") == ("Y",))
    scratch = desk.path.with_suffix(".tmp")  # as editors do: a new file in its place
    scratch.write_text('{"preset": "thunderbird"}', encoding="utf-8")
    scratch.replace(desk.path)
    await until(lambda: desk.keys("conversation.close") == ("A",))
    assert keys.keymap == Keymap(preset=THUNDERBIRD)
    assert desk.banners == []
    desk.path.unlink()
    await until(lambda: desk.keys("conversation.close") == ("E",))


async def test_a_broken_file_is_said_once_and_stays_as_it_is(qtbot: QtBot, desk: _Desk) -> None:
    desk.path.write_text('{"preset": "thunderbird",\n "keys": {', encoding="utf-8")
    keys = desk.context.keys
    assert desk.keys("conversation.close") == ("E",)
    [banner] = desk.banners
    assert banner.text.startswith("Your keys cannot be read: line 2, column ")
    assert banner.text.endswith("The ready set serves until that is mended.")
    assert banner.action_text == "Open the file"
    keys.reload()
    assert len(desk.banners) == 1
    assert desk.path.read_text(encoding="utf-8").endswith("{")
    keys.choose(Keymap(preset=THUNDERBIRD))  # in the settings: what cannot be read is set aside
    assert desk.path.with_suffix(".json.broken").read_text(encoding="utf-8").endswith("{")
    assert keymap.read(desk.path.read_text(encoding="utf-8"))[0].preset == THUNDERBIRD


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 90_000])
async def test_bytes_that_are_no_text_are_refused_like_anything_else(
    qtbot: QtBot, desk: _Desk, content: bytes
) -> None:
    desk.path.write_bytes(content)
    assert desk.context.keys.keymap == Keymap()
    assert len(desk.banners) == 1


async def test_a_collision_in_the_file_is_said(qtbot: QtBot, desk: _Desk) -> None:
    desk.path.write_text('{"keys": {"conversation.snooze": "E"}}', encoding="utf-8")
    assert desk.context.keys.conflicts
    [banner] = desk.banners
    assert "E is taken by “Snooze”, so “Close” goes without it." in banner.text


@pytest.mark.expects_log("keys not written")
async def test_keys_that_cannot_be_kept_serve_until_the_end(qtbot: QtBot, desk: _Desk) -> None:
    keys = desk.context.keys
    desk.path.parent.rmdir()
    desk.path.parent.write_text("in the way", encoding="utf-8")
    keys.choose(Keymap().with_keys("help", ("F1",)))
    assert desk.keys("help") == ("F1",)
    assert desk.banners[0].text.startswith("Your keys could not be kept: ")


async def test_the_file_names_every_action_for_who_edits_it(qtbot: QtBot, desk: _Desk) -> None:
    desk.context.keys.choose(Keymap().with_keys("help", ("F1",)))
    value = json.loads(desk.path.read_text(encoding="utf-8"))
    assert value["keys"] == {"help": ["F1"]}
    assert value["every action"]["help"] == "Keyboard shortcuts: F1"
    assert set(value["every action"]) == set(IDS)
