"""Identities of an account: entered, made the default, removed, and who a message goes out as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.identities import OwnIdentity
from desktop_inbox.services import identities
from desktop_inbox.store import accounts
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.store.workspace import Workspace
from desktop_inbox.sync.mailbox import mailbox_of
from tests.support import builders
from tests.support.builders import SHOP

SALES = OwnIdentity(address=" sales@shop.example ", name="Sales   desk", signature="Bye")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(tmp_path)
    workspace.db.write(builders.account).result(10)
    yield workspace
    workspace.close()


def account(workspace: Workspace) -> AccountRow:
    found = workspace.db.read(lambda conn: accounts.row(conn, 1)).result(10)
    assert found is not None
    return found


def put(workspace: Workspace, identity: OwnIdentity) -> tuple[OwnIdentity, ...]:
    return workspace.db.write(lambda tx: identities.put(tx, 1, identity)).result(10)


def test_a_new_one_joins_the_one_that_every_account_has(workspace: Workspace) -> None:
    put(workspace, SALES)
    known = identities.identities(account(workspace))
    assert [str(one.sender) for one in known] == [SHOP.address, "Sales desk <sales@shop.example>"]
    assert all(one.uid for one in known)


def test_one_is_changed_in_its_place(workspace: Workspace) -> None:
    first, sales = put(workspace, SALES)
    put(workspace, replace(first, name="Kaya"))
    assert [one.name for one in identities.identities(account(workspace))] == ["Kaya", "Sales desk"]
    assert identities.identities(account(workspace))[1] == sales


def test_another_becomes_the_default(workspace: Workspace) -> None:
    _, sales = put(workspace, SALES)
    workspace.db.write(lambda tx: identities.make_default(tx, 1, sales.uid)).result(10)
    assert identities.identities(account(workspace))[0] == sales
    assert identities.chosen(account(workspace), "", None) == sales


def test_the_last_one_cannot_be_removed(workspace: Workspace) -> None:
    _, sales = put(workspace, SALES)
    [left] = workspace.db.write(lambda tx: identities.remove(tx, 1, sales.uid)).result(10)
    with pytest.raises(UserError, match="identity-needed"):
        workspace.db.write(lambda tx: identities.remove(tx, 1, left.uid)).result(10)


@pytest.mark.parametrize("address", ["", "no address", "two@shop.example, x@shop.example"])
def test_what_is_no_address_is_refused(workspace: Workspace, address: str) -> None:
    with pytest.raises(UserError, match="address-invalid"):
        put(workspace, replace(SALES, address=address))


def test_mail_from_any_of_them_is_ours(workspace: Workspace) -> None:
    put(workspace, SALES)
    row = account(workspace)
    assert mailbox_of(row, [row]).own == {SHOP.address, "sales@shop.example"}
