"""Every refusal, whoever says it, has words and a next step in the window."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import desktop_inbox
from desktop_inbox import words
from desktop_inbox.domain.errors import UserError
from desktop_inbox.store.errors import DatabaseReadOnly
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui import errors


def codes() -> set[str]:
    package = Path(desktop_inbox.__file__).parent
    found: set[str] = set()
    for folder in ("services", "store", "sync"):
        for file in (package / folder).rglob("*.py"):
            found.update(re.findall(r'UserError\(\s*"([a-z-]+)"', file.read_text(encoding="utf-8")))
    return found


def test_every_code_that_services_raise_has_a_sentence() -> None:
    assert codes()
    for code in codes():
        assert "That is not possible" not in errors.sentence(code, {}), code


def test_a_refusal_becomes_a_banner_with_its_values() -> None:
    banner = errors.banner_for(UserError("tag-missing", name="<b>refund</b>"))
    assert banner is not None
    assert "<b>refund</b>" in banner.text  # shown as plain text


def test_what_the_disk_did_is_told_with_the_path_to_copy() -> None:
    banner = errors.banner_for(DatabaseReadOnly(Path("/srv/inbox/workspace.db"), "attempt"))
    assert banner is not None
    assert "permissions" in banner.text
    assert "/srv/inbox/workspace.db" in banner.detail


def test_a_fault_of_ours_is_no_banner() -> None:
    assert errors.banner_for(ZeroDivisionError()) is None


@pytest.mark.parametrize("state", list(State))
def test_every_state_of_an_account_reads_as_a_sentence(state: State) -> None:
    said = errors.account_sentence("Shop", AccountStatus(account_id=1, state=state))
    assert said.startswith("Shop: ")
    assert len(said) > len("Shop: ") + 3


@pytest.mark.parametrize("cause", sorted(words.CAUSES))
def test_a_waiting_account_says_why_and_until_when(cause: str) -> None:
    until = datetime(2026, 9, 23, 12, 30, tzinfo=UTC)
    status = AccountStatus(account_id=1, state=State.WAITING, cause=cause, until=until)
    said = errors.account_sentence("Shop", status)
    assert words.CAUSES[cause] in said
    assert "Next try at" in said
