"""Secrets: kept, found again, and never in clear anywhere on the disk."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
import time
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from desktop_inbox import secrets
from desktop_inbox.secrets import KeyringSecrets, MemorySecrets, SecretsError, SystemSecrets, Vault

SECRET = "correct horse battery staple – ğüş"


@pytest.fixture
def vault_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault.json"


def everything_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_secret_in_the_vault_is_found_by_the_next_process(vault_file: Path) -> None:
    Vault(vault_file, ask=lambda new: "clay").set("account/1/password", SECRET)
    assert Vault(vault_file, ask=lambda new: "clay").get("account/1/password") == SECRET


def test_nothing_of_a_secret_or_its_name_lies_on_the_disk(tmp_path: Path, vault_file: Path) -> None:
    Vault(vault_file, ask=lambda new: "clay").set("account/1/password", SECRET)
    on_disk = everything_below(tmp_path)
    for text in (SECRET, "account/1", "clay", "correct horse"):
        assert text.encode() not in on_disk


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_only_its_owner_may_read_the_vault(vault_file: Path) -> None:
    Vault(vault_file, ask=lambda new: "clay").set("a", SECRET)
    assert stat.S_IMODE(vault_file.stat().st_mode) == 0o600


def test_a_wrong_passphrase_is_said_so_and_changes_nothing(vault_file: Path) -> None:
    Vault(vault_file, ask=lambda new: "clay").set("a", SECRET)
    before = vault_file.read_bytes()
    with pytest.raises(SecretsError, match="wrong-passphrase"):
        Vault(vault_file, ask=lambda new: "mud").get("a")
    with pytest.raises(SecretsError, match="wrong-passphrase"):
        Vault(vault_file, ask=lambda new: "mud").set("b", "x")
    assert vault_file.read_bytes() == before


def test_after_a_wrong_passphrase_the_right_one_still_opens(vault_file: Path) -> None:
    Vault(vault_file, ask=lambda new: "clay").set("a", SECRET)
    vault = Vault(vault_file)
    with pytest.raises(SecretsError, match="wrong-passphrase"):
        vault.unlock("mud")
    assert vault.locked
    vault.unlock("clay")
    assert vault.get("a") == SECRET


def test_the_passphrase_is_asked_for_once(vault_file: Path) -> None:
    asked: list[bool] = []

    def ask(new: bool) -> str:
        asked.append(new)
        return "clay"

    vault = Vault(vault_file, ask=ask)
    vault.set("a", "1")
    vault.set("b", "2")
    assert (vault.get("a"), vault.get("b")) == ("1", "2")
    assert asked == [True]


def test_the_environment_may_hold_the_passphrase(
    vault_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(secrets.PASSPHRASE_VARIABLE, "clay")
    SystemSecrets(vault_file).set("a", SECRET)
    assert SystemSecrets(vault_file).get("a") == SECRET
    assert SystemSecrets(vault_file).place() == str(vault_file)


def test_where_nobody_can_be_asked_the_way_out_is_named(vault_file: Path) -> None:
    with pytest.raises(SecretsError) as caught:
        Vault(vault_file).set("a", SECRET)
    assert caught.value.code == "passphrase-needed"
    assert caught.value.values["variable"] == "DESKTOP_INBOX_PASSPHRASE"
    assert not vault_file.exists()


def test_a_damaged_vault_is_not_overwritten(vault_file: Path) -> None:
    vault_file.parent.mkdir()
    vault_file.write_text("{half")
    with pytest.raises(SecretsError, match="vault-unreadable"):
        Vault(vault_file, ask=lambda new: "clay").set("a", SECRET)
    assert vault_file.read_text() == "{half"


def test_two_windows_on_one_vault_do_not_lose_each_others_secrets(vault_file: Path) -> None:
    one, other = (Vault(vault_file, ask=lambda new: "clay") for _ in range(2))
    one.set("a", "1")
    other.set("b", "2")
    one.set("c", "3")
    assert [other.get(name) for name in "abc"] == ["1", "2", "3"]


def test_each_writing_uses_a_fresh_nonce(vault_file: Path) -> None:
    vault = Vault(vault_file, ask=lambda new: "clay")
    nonces = set()
    for number in range(5):
        vault.set("a", str(number))
        nonces.add(json.loads(vault_file.read_text())["nonce"])
    assert len(nonces) == 5


def test_deleting_forgets_and_deleting_what_is_not_there_does_nothing(vault_file: Path) -> None:
    for store in (MemorySecrets({"a": "1"}), Vault(vault_file, ask=lambda new: "clay")):
        store.delete("never there")
        store.set("a", "1")
        store.delete("a")
        assert store.get("a") is None


def test_a_full_disk_keeps_the_old_vault(vault_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault(vault_file, ask=lambda new: "clay")
    vault.set("a", "1")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretsError, match="vault-unwritable"):
        vault.set("a", "2")
    monkeypatch.undo()
    assert vault.get("a") == "1"


# --- the system's keyring


class Keyring:
    """A keyring that does as told."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.silence: threading.Event | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        del self.kept[service, username]

    def _answer(self) -> None:
        if self.silence is not None:
            self.silence.wait()
        if self.locked:
            raise KeyringLocked("the user said no")


def test_the_keyring_keeps_what_it_is_given_under_our_name() -> None:
    keyring = Keyring()
    store = KeyringSecrets(keyring, name="test")
    store.set("a", SECRET)
    assert store.get("a") == SECRET
    assert list(keyring.kept) == [("desktop-inbox", "a")]
    store.delete("a")
    store.delete("a")
    assert store.get("a") is None


def test_a_locked_keyring_is_said_so() -> None:
    keyring = Keyring()
    keyring.locked = True
    with pytest.raises(SecretsError, match="keyring-refused"):
        KeyringSecrets(keyring, name="test").get("a")


def test_a_silent_keyring_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_KEYRING_TIMEOUT_SECONDS", 0.05)
    keyring = Keyring()
    keyring.silence = threading.Event()
    began = time.monotonic()
    with pytest.raises(SecretsError, match="keyring-silent"):
        KeyringSecrets(keyring, name="test").get("a")
    assert time.monotonic() - began < 2
    keyring.silence.set()


def test_making_the_store_asks_no_keyring(
    vault_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> None:
        raise AssertionError("the start must not wait for a keyring")

    monkeypatch.setattr(secrets, "find_keyring", never)
    SystemSecrets(vault_file)


def test_an_existing_vault_is_used_even_where_a_keyring_appeared(
    vault_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Vault(vault_file, ask=lambda new: "clay").set("a", SECRET)
    monkeypatch.setattr(secrets, "find_keyring", lambda: KeyringSecrets(Keyring(), name="new"))
    assert SystemSecrets(vault_file, ask=lambda new: "clay").get("a") == SECRET


def test_without_a_trustworthy_keyring_the_vault_is_used(vault_file: Path) -> None:
    # The test session's keyring is keyring's own null back-end, which is not on our list.
    assert secrets.find_keyring() is None
    store = SystemSecrets(vault_file, ask=lambda new: "clay")
    store.set("a", SECRET)
    assert vault_file.exists()
    assert not store.locked()
