"""`sla policies`, `sla clocks`, `sla explain`, and the clock in a list row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from desktop_inbox.domain.policies import ClockKind, Target
from desktop_inbox.services import service_levels as actions
from desktop_inbox.store import policies, service_levels
from desktop_inbox.store.database import Tx
from desktop_inbox.store.schema import account
from desktop_inbox.store.workspace import Workspace
from tests.cli.conftest import Run
from tests.support import builders
from tests.support import service_levels as promises
from tests.support.builders import Mail

WROTE = datetime(2026, 9, 25, 14, 30, tzinfo=UTC)  # Friday, 16:30 in Berlin


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace in Berlin with one letter that is not answered."""
    workspace = Workspace.open(tmp_path)

    def fill(tx: Tx) -> None:
        key = builders.account(tx)
        tx.conn.execute(update(account).values(clocks_from=WROTE - timedelta(days=1)))
        promises.zone(tx, "Europe/Berlin")
        builders.message(tx, builders.conversation(tx), Mail(at=WROTE), account_id=key)

    workspace.db.write(fill).result()
    workspace.close()
    return tmp_path


def test_policies_are_listed_in_the_order_they_are_tried(run: Run, folder: Path) -> None:
    rows = run("--data-dir", folder, "--json", "sla", "policies").json["rows"]
    assert [row["name"] for row in rows] == ["E-mail", "Live chat", "Messaging"]
    assert rows[0]["conditions"] == {"channels": ["email"]}
    assert rows[0]["targets"]["first_response"] == {"minutes": 480, "time": "business"}
    assert rows[1]["targets"]["next_response"]["minutes"] == 2
    assert rows[0]["zone"] == "Europe/Berlin"
    shown = run("--data-dir", folder, "sla", "policies").out
    assert "all others" in shown


def test_a_row_says_which_clock_is_due(run: Run, folder: Path) -> None:
    rows = run("--data-dir", folder, "--json", "conversations", "--view", "due").json["rows"]
    assert [row["sla"] for row in rows] == [
        {"clock": "first_response", "due_at": "2026-09-28T14:30:00Z", "state": "breached"}
    ]


def test_explain_lists_what_was_counted(run: Run, folder: Path) -> None:
    (clock,) = run("--data-dir", folder, "--json", "sla", "explain", 1).json["rows"]
    assert clock["counted"][0] == {
        "start": "2026-09-25T14:30:00Z", "end": "2026-09-25T15:00:00Z", "seconds": 1800,
    }  # fmt: skip
    assert clock["counted"][1]["start"] == "2026-09-28T07:00:00Z"
    assert clock["pauses"] == []
    assert "2026-09-25T14:30:00Z - 2026-09-25T15:00:00Z  30 min" in (
        run("--data-dir", folder, "sla", "explain", 1).out
    )
    (same,) = run("--data-dir", folder, "--json", "sla", "clocks", 1).json["rows"]
    assert same.items() <= clock.items()
    assert run("--data-dir", folder, "--json", "sla", "clocks", 99).json["error"]["code"] == (
        "conversation-missing"
    )


def test_a_new_promise_moves_what_is_open(run: Run, folder: Path) -> None:
    workspace = Workspace.open(folder)
    half = {ClockKind.FIRST_RESPONSE: Target(length=timedelta(minutes=30))}

    def promise(tx: Tx) -> None:
        mail = policies.policies(tx.conn)[0]
        actions.change_policy(tx, mail.uid, replace(mail.current, targets=half))

    workspace.db.write(promise).result()
    while workspace.db.write(service_levels.renew_some).result():
        pass
    workspace.close()
    (row,) = run("--data-dir", folder, "--json", "conversations").json["rows"]
    assert row["sla"]["due_at"] == "2026-09-25T15:00:00Z"


def test_opening_hours_are_listed(run: Run, folder: Path) -> None:
    (row,) = run("--data-dir", folder, "--json", "sla", "hours").json["rows"]
    assert (row["zone"], row["special"]) == ("Europe/Berlin", [])
    assert row["week"][:1] + row["week"][5:] == [[[540, 1020]], [], []]
    assert "Mon 09:00–17:00" in run("--data-dir", folder, "sla", "hours").out


def test_a_promise_is_pinned_taken_away_and_left_to_the_conditions(run: Run, folder: Path) -> None:
    def pinned(policy: str) -> list[str]:
        rows = run("--data-dir", folder, "--json", "sla", "pin", 1, policy).json["rows"]
        return [row["policy"] for row in rows]

    assert pinned("live chat") == ["Live chat"]
    assert pinned("none") == []
    assert pinned("auto") == ["E-mail"]
    refused = run("--data-dir", folder, "--json", "sla", "pin", 1, "gold")
    assert refused.json["error"]["code"] == "policy-missing"
