"""The person at the desk can say who they are, and take it back."""

from __future__ import annotations

from pathlib import Path

from desktop_inbox.services import conversations, profile
from desktop_inbox.store import agents
from desktop_inbox.store.workspace import Workspace


def test_name_and_signature_are_kept_and_can_be_taken_back(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    try:
        group = workspace.db.write(
            lambda tx: profile.edit(tx, name=" Selin ", signature="Selin\nKaya Ceramics")
        ).result()
        me = workspace.db.read(agents.list_all).result()[0]
        assert (me.name, me.signature) == ("Selin", "Selin\nKaya Ceramics")
        workspace.db.write(lambda tx: conversations.undo(tx, group)).result()
        assert workspace.db.read(agents.list_all).result()[0].name == ""
    finally:
        workspace.close()


def test_what_is_not_given_stays(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    try:
        workspace.db.write(lambda tx: profile.edit(tx, name="Selin")).result()
        assert workspace.db.write(lambda tx: profile.edit(tx, name="Selin")).result() is None
        workspace.db.write(lambda tx: profile.edit(tx, signature="S.")).result()
        assert workspace.db.read(agents.list_all).result()[0].name == "Selin"
    finally:
        workspace.close()


def test_the_business_has_a_name_that_can_be_taken_back(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    try:
        group = workspace.db.write(lambda tx: profile.name_business(tx, " Kaya Ceramics ")).result()
        assert workspace.db.read(agents.business_name).result() == "Kaya Ceramics"
        again = workspace.db.write(lambda tx: profile.name_business(tx, "Kaya Ceramics")).result()
        assert again is None
        workspace.db.write(lambda tx: conversations.undo(tx, group)).result()
        assert workspace.db.read(agents.business_name).result() == ""
    finally:
        workspace.close()
