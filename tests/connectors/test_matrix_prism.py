"""What we ask of a homeserver, and what Synapse answers, is as the specification describes it.

Prism sits between the two and tells whatever is not. What it is not shown: files themselves, and
refusals. What it finds and is right all the same stands in `ALLOWED`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_inbox.connectors import check, create
from desktop_inbox.connectors.chat import Incoming, Reacted
from desktop_inbox.domain.messages import Address, OutgoingFile
from tests.connectors.contract_suite import drain, nothing
from tests.connectors.test_matrix import Vault, outgoing, pulled
from tests.support.prism import between, spec
from tests.support.synapse import Synapse

pytestmark = pytest.mark.slow

# Violation: why it is none.
ALLOWED = {
    "request Supported content types: application/octet-stream": (
        "a file is put there as what it is; the description has one example of many"
    )
}


async def test_what_we_ask_and_are_told_is_as_described(
    homeserver: Synapse, tmp_path: Path
) -> None:
    described = spec("matrix/matrix-client-server-openapi.json")
    shop, elif_ = homeserver.register("shop"), homeserver.register("elif")
    async with between(described, homeserver.url) as prism:
        config = Vault(shop).config(folder=tmp_path / "keys", homeserver=prism.url)
        connector = create("matrix", config)
        await connector.open()
        _, cursor = await drain(connector, None)
        room = elif_.open_room(shop)
        asked = elif_.say(room, "Is it there?")
        [said], cursor = await pulled(connector, cursor, Incoming)
        assert isinstance(said, Incoming)
        answer = outgoing(shop, room, in_reply_to=asked)
        ours = (await connector.send(answer, nothing)).external_id
        assert await connector.find_sent(answer) is not None
        await connector.edit(room, ours, "Three are left.")
        await connector.react(room, asked, ["👍"])
        await connector.react(room, asked, ["😊"])
        await connector.read(room, asked)
        picture = tmp_path / "mug.png"
        picture.write_bytes(b"\x89PNG")
        file = OutgoingFile(name="mug.png", media_type="image/png", path=picture, size=4)
        await connector.send(outgoing(shop, room, attachments=(file,)), nothing)
        await connector.withdraw(room, ours)
        content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": ours, "key": "👍"}}
        elif_.send(room, content, "m.reaction")
        await pulled(connector, cursor, Reacted)
        await connector.send(outgoing(shop, "", to=(Address(address=elif_.user_id),)), nothing)
        await connector.close()

        assert all([step.ok async for step in check("matrix", config)])

    assert [one for one in prism.violations if one not in ALLOWED] == []
