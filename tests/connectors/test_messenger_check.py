"""Setting Messenger up: whose the token is, what it permits, and whether it reads talks."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from desktop_inbox import connectors
from desktop_inbox.connectors.meta import checking
from desktop_inbox.connectors.meta.pace import Pace
from desktop_inbox.connectors.setup import Check
from tests.connectors.meta_suite import config
from tests.connectors.meta_suite import service as service
from tests.support.meta_service import PAGE, TOKEN, MetaService, refused


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a check ask as fast as it can."""
    monkeypatch.setattr(checking, "Pace", partial(Pace, 0.0))


async def steps(service: MetaService, **changes: Any) -> list[Check]:
    return [one async for one in connectors.check("messenger", config(service.url, **changes))]


@pytest.mark.parametrize("address", ["Elif's Mugs", "elif's mugs", PAGE])
async def test_a_good_token_passes_every_step(service: MetaService, address: str) -> None:
    found = await steps(service, address=address)

    assert [(one.step, one.ok) for one in found] == [
        ("receive:sign-in", True),
        ("receive:address", True),
        ("receive:permissions", True),
        ("receive:conversations", True),
        ("send:sign-in", True),
    ]


async def test_the_token_of_another_page_is_told_by_its_name(service: MetaService) -> None:
    last = (await steps(service, address="Somebody's Mugs"))[-1]

    assert (last.step, last.ok, last.cause) == ("receive:address", False, "other-address")
    assert last.detail == "Elif's Mugs"


async def test_a_permission_that_lacks_is_named(service: MetaService) -> None:
    service.scopes = ("pages_manage_metadata", "pages_read_engagement")

    (lacking,) = [one for one in await steps(service) if not one.ok]

    assert (lacking.step, lacking.cause) == ("receive:permissions", "permission")
    assert lacking.detail == "pages_messaging"


async def test_where_meta_does_not_tell_permissions_talks_do(service: MetaService) -> None:
    service.scopes = None
    service.fail(
        lambda asked: asked.path.endswith("conversations"), refused(200, "Requires pages_messaging")
    )

    found = await steps(service)

    assert [one.step for one in found] == [
        "receive:sign-in", "receive:address", "receive:conversations",
    ]  # fmt: skip
    assert (found[-1].ok, found[-1].cause) == (False, "permission")


@pytest.mark.parametrize(("token", "cause"), [("EAA-wrong-token", "revoked"), ("", "sign_in")])
async def test_a_token_that_is_none_is_told(service: MetaService, token: str, cause: str) -> None:
    (only,) = await steps(service, token=token)

    assert (only.step, only.ok, only.cause) == ("receive:sign-in", False, cause)
    assert TOKEN not in only.detail


async def test_only_this_machine_stands_in_for_meta() -> None:
    (only,) = await steps_elsewhere()

    assert not only.ok


async def steps_elsewhere() -> list[Check]:
    elsewhere = config("https://elsewhere.example")
    return [one async for one in connectors.check("messenger", elsewhere)]
