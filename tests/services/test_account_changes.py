"""An account is changed after it was added: field by field, tried only where it has to be."""

from __future__ import annotations

import pytest

from desktop_inbox.connectors.email.info import INFO
from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import MemorySecrets, SecretsError
from desktop_inbox.services import accounts as service
from desktop_inbox.store import accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.credentials import config_of
from tests.services.test_accounts import BAD, Checks, _add, checks
from tests.support.engine_room import Room, eventually, running

__all__ = ["checks"]


def _row(room: Room) -> AccountRow:
    (row,) = room.read(accounts.list_all)
    return row


async def test_what_decides_no_connection_is_kept_without_asking_a_server(
    room: Room, checks: Checks
) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    checks.asked.clear()
    tried = await service.update(
        room.workspace, secrets, added.id, settings={"mark_read": "never", "name": " Kaya "}
    )
    assert (tried, checks.asked) == ((), [])
    assert _row(room).settings["mark_read"] == "never"
    assert _row(room).settings["name"] == "Kaya"


class LockedLater(MemorySecrets):
    locked = False

    def get(self, name: str) -> str | None:
        if self.locked:
            raise SecretsError("passphrase-needed")
        return super().get(name)


async def test_nobody_is_asked_for_a_passphrase_to_change_what_is_no_secret(
    room: Room, checks: Checks
) -> None:
    secrets = LockedLater()
    added = await _add(room, secrets)
    secrets.locked = True
    await service.update(room.workspace, secrets, added.id, settings={"on_close": "archive"})
    assert _row(room).settings["on_close"] == "archive"


async def test_a_changed_server_is_tried_with_the_known_password_before_it_is_kept(
    room: Room, checks: Checks
) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    checks.steps = BAD
    with pytest.raises(UserError, match="check-failed"):
        await service.update(
            room.workspace, secrets, added.id, settings={"smtp_host": "mail.example.com"}
        )
    assert checks.asked[-1].settings["smtp_host"] == "mail.example.com"
    assert checks.asked[-1].secrets == {"password": "hunter2"}
    assert _row(room).settings["smtp_host"] == "localhost"


async def test_an_empty_password_is_the_one_that_is_known(room: Room, checks: Checks) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    checks.asked.clear()
    await service.update(
        room.workspace, secrets, added.id, settings={}, secret_values={"password": ""}
    )
    assert checks.asked == []
    assert config_of(_row(room), secrets).secrets == {"password": "hunter2"}


async def test_an_emptied_field_goes_back_to_its_default(room: Room, checks: Checks) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    for value in ("12", ""):
        await service.update(room.workspace, secrets, added.id, settings={"idle_minutes": value})
    assert "idle_minutes" not in _row(room).settings


async def test_changing_a_paused_account_does_not_let_it_go_on(room: Room, checks: Checks) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    room.write(lambda tx: service.pause(tx, added.id))
    await service.update(room.workspace, secrets, added.id, settings={"imap_port": "1143"})
    assert not _row(room).enabled


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"wings": "2"}, "field-unknown"),
        ({"password": "x"}, "field-unknown"),
        ({"address": "other@example.com"}, "field-fixed"),
        ({"imap_host": " "}, "field-empty"),
        ({"imap_host": "a b"}, "field-invalid"),
        ({"smtp_port": "0"}, "field-invalid"),
        ({"smtp_port": "9" * 5000}, "field-invalid"),
        ({"idle_minutes": "9"}, "field-invalid"),
        ({"same_subject_days": "366"}, "field-invalid"),
        ({"since": "soon"}, "field-invalid"),
        ({"mark_read": "sometimes"}, "field-invalid"),
        ({"server_drafts": "maybe"}, "field-invalid"),
        ({"name": "two\nlines"}, "field-invalid"),
        ({"auto_answer": "new"}, "answer-empty"),
        ({"auto_answer": "new", "auto_answer_text": "x" * 5_001}, "field-invalid"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    room: Room, checks: Checks, given: dict[str, str], code: str
) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    before = _row(room)
    with pytest.raises(UserError) as refusal:
        await service.update(room.workspace, secrets, added.id, settings=given)
    assert refusal.value.code == code
    assert _row(room) == before


async def test_a_running_engine_starts_a_changed_account_again(room: Room) -> None:
    key = room.add_account()
    async with running(room.engine()):
        await eventually(lambda: room.services[key].waited == 1)
        await service.update(
            room.workspace, MemorySecrets(), key, settings={"deleted_elsewhere": "mark"}
        )
        await eventually(lambda: room.services[key].closed == 1)
        await eventually(lambda: room.services[key].waited == 2)


@pytest.mark.parametrize("field", INFO.fields, ids=lambda field: field.name)
def test_every_field_takes_its_default_and_names_each_choice(field: object) -> None:
    from desktop_inbox.connectors.setup import Field

    assert isinstance(field, Field)
    assert field.required or field.takes(field.default)
    assert len(field.choice_titles) in (0, len(field.choices))
