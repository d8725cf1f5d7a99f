"""Setting accounts up: checked for real, kept with their secrets apart, changed and removed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.setup import Check
from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import MemorySecrets, SecretsError
from desktop_inbox.services import accounts as service
from desktop_inbox.store import accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.credentials import config_of
from tests.support.engine_room import Room, eventually, running

SETTINGS = {"address": "shop@example.com", "imap_host": "localhost", "smtp_host": "localhost"}
GOOD = (Check(step="receive:sign-in", ok=True), Check(step="send:sign-in", ok=True))
BAD = (
    Check(step="receive:sign-in", ok=True),
    Check(step="send:sign-in", ok=False, detail="535 no", cause="sign_in"),
)


@dataclass
class Checks:
    """What the next check finds, and what it was asked about."""

    steps: tuple[Check, ...] = GOOD
    asked: list[AccountConfig] = field(default_factory=list)

    def __call__(self, kind: str, config: AccountConfig) -> AsyncIterator[Check]:
        self.asked.append(config)
        return self._steps()

    async def _steps(self) -> AsyncIterator[Check]:
        for step in self.steps:
            yield step


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Checks]:
    found = Checks()
    monkeypatch.setattr(connectors, "check", found)
    return found  # type: ignore[return-value]


async def _add(room: Room, secrets: MemorySecrets, **more: object) -> service.Added:
    values: dict[str, object] = {
        "kind": "email",
        "settings": SETTINGS,
        "secret_values": {"password": "hunter2"},
    }
    return await service.add(room.workspace, secrets, **{**values, **more})  # type: ignore[arg-type]


def _rows(room: Room) -> list[AccountRow]:
    return room.read(accounts.list_all)


async def test_an_account_is_checked_then_kept_with_its_secret_apart(
    room: Room, checks: Checks
) -> None:
    secrets = MemorySecrets()
    heard: list[Check] = []
    added = await _add(room, secrets, report=heard.append)
    (row,) = _rows(room)
    assert (row.id, row.address, row.enabled) == (added.id, "shop@example.com", True)
    assert tuple(heard) == added.checks == GOOD
    assert config_of(row, secrets).secrets == {"password": "hunter2"}
    assert not _holding(room.workspace.data_dir, b"hunter2")


async def test_a_failed_check_names_the_step_and_keeps_nothing(room: Room, checks: Checks) -> None:
    checks.steps = BAD
    with pytest.raises(UserError) as refusal:
        await _add(room, MemorySecrets())
    assert refusal.value.code == "check-failed"
    assert refusal.value.values == {"step": "send:sign-in", "detail": "535 no", "cause": "sign_in"}
    assert _rows(room) == []


async def test_without_a_check_nobody_is_asked(room: Room, checks: Checks) -> None:
    checks.steps = BAD
    await _add(room, MemorySecrets(), really_check=False)
    assert (len(_rows(room)), checks.asked) == (1, [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "pigeon"}, "kind-unknown"),
        ({"settings": {"address": "shop@"}}, "address-invalid"),
        ({"settings": {}}, "address-invalid"),
    ],
)
async def test_what_cannot_be_an_account_is_refused(
    room: Room, checks: Checks, change: dict[str, object], code: str
) -> None:
    with pytest.raises(UserError, match=code):
        await _add(room, MemorySecrets(), **change)


async def test_one_address_is_one_account(room: Room, checks: Checks) -> None:
    secrets = MemorySecrets()
    await _add(room, secrets)
    with pytest.raises(UserError, match="account-exists"):
        await _add(room, secrets, settings={"address": "SHOP@Example.com"})


class LockedSecrets(MemorySecrets):
    def set(self, name: str, value: str) -> None:
        raise SecretsError("passphrase-needed")


async def test_an_account_whose_secret_cannot_be_kept_is_not_kept(
    room: Room, checks: Checks
) -> None:
    with pytest.raises(UserError, match="passphrase-needed"):
        await _add(room, LockedSecrets())
    assert _rows(room) == []


async def test_a_new_password_is_checked_and_read_by_a_running_engine(
    room: Room, checks: Checks
) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    before = _rows(room)[0].settings
    await service.change(
        room.workspace, secrets, added.id, secret_values={"password": "correct horse"}
    )
    (row,) = _rows(room)
    assert config_of(row, secrets).secrets == {"password": "correct horse"}
    assert checks.asked[-1].secrets == {"password": "correct horse"}
    assert row.settings != before, "a running engine sees that something changed"
    assert config_of(row, secrets).settings == before


async def test_removing_forgets_the_secret_and_keeps_what_was_asked(
    room: Room, checks: Checks
) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    await service.remove(room.workspace, secrets, added.id, keep_messages=True)
    assert _rows(room) == []
    assert secrets._values == {}
    with pytest.raises(UserError, match="account-missing"):
        await service.remove(room.workspace, secrets, added.id, keep_messages=True)


async def test_a_stored_account_can_be_checked_again(room: Room, checks: Checks) -> None:
    secrets = MemorySecrets()
    added = await _add(room, secrets)
    steps = [step async for step in service.check(room.workspace, secrets, added.id)]
    assert tuple(steps) == GOOD


async def test_pausing_stops_a_running_engine_and_resuming_lets_it_go_on(room: Room) -> None:
    key = room.add_account()
    async with running(room.engine()):
        await eventually(lambda: room.services[key].waited == 1)
        room.write(lambda tx: service.pause(tx, key))
        await eventually(lambda: room.services[key].closed == 1)
        room.write(lambda tx: service.resume(tx, key))
        await eventually(lambda: room.services[key].waited == 2)
    with pytest.raises(UserError, match="account-missing"):
        room.write(lambda tx: service.pause(tx, 99))


def _holding(folder: Path, secret: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and secret in file.read_bytes()]
