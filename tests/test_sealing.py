"""Secrets of any size, behind a keyring that takes small ones only."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_inbox import secrets
from desktop_inbox.sealing import SealingSecrets, Unreadable

TOKEN = "eyJ" + "marker-token-9" * 400


class SmallKeyring(secrets.MemorySecrets):
    """As Windows' is: it refuses what is long."""

    name = "small"

    def set(self, name: str, value: str) -> None:
        assert len(value) <= 1200
        super().set(name, value)


@pytest.fixture
def keyring() -> SmallKeyring:
    return SmallKeyring()


@pytest.fixture
def sealing(keyring: SmallKeyring, tmp_path: Path) -> SealingSecrets:
    return SealingSecrets(keyring, tmp_path / "sealed.json", replace=secrets._replace)


def test_a_large_token_comes_back_and_lies_nowhere_in_clear(
    sealing: SealingSecrets, tmp_path: Path
) -> None:
    sealing.set("account:1", TOKEN)
    assert sealing.get("account:1") == TOKEN
    written = (tmp_path / "sealed.json").read_bytes()
    assert b"marker-token" not in written
    assert (tmp_path / "sealed.json").stat().st_mode & 0o077 == 0


def test_a_small_one_stays_in_the_keyring(sealing: SealingSecrets, tmp_path: Path) -> None:
    sealing.set("account:1", TOKEN)
    sealing.set("account:1", "short")
    assert sealing.get("account:1") == "short"
    assert b"account:1" not in (tmp_path / "sealed.json").read_bytes()


def test_forgetting_leaves_nothing(sealing: SealingSecrets, tmp_path: Path) -> None:
    sealing.set("account:1", TOKEN)
    sealing.delete("account:1")
    assert sealing.get("account:1") is None
    assert b"account:1" not in (tmp_path / "sealed.json").read_bytes()


def test_one_secret_cannot_be_put_in_the_place_of_another(
    sealing: SealingSecrets, tmp_path: Path
) -> None:
    sealing.set("account:1", TOKEN)
    sealing.set("account:2", TOKEN + "2")
    path = tmp_path / "sealed.json"
    path.write_text(path.read_text().replace("account:1", "x").replace("account:2", "account:1"))
    with pytest.raises(Unreadable):
        sealing.get("account:1")


def test_another_machines_keyring_does_not_open_it(
    sealing: SealingSecrets, keyring: SmallKeyring
) -> None:
    sealing.set("account:1", TOKEN)
    keyring.delete("sealing-key")
    with pytest.raises(Unreadable):
        sealing.get("account:1")
