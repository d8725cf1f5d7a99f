"""Tells a messaging service what was done here to messages: read, changed, taken back, reacted to.

On the engine loop, as a part of an account's server lane; each may be told twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from desktop_inbox.connectors.contract import Capability, Connector
from desktop_inbox.connectors.errors import Unsupported
from desktop_inbox.store.server_actions import ServerAction

_NEEDED = {
    "read": Capability.READ,
    "edit": Capability.EDIT,
    "withdraw": Capability.WITHDRAW,
    "react": Capability.REACT,
}


async def carry_out(connector: Connector, actions: Sequence[ServerAction]) -> None:
    """Do actions that are alike.

    *Raises:* ConnectorError: the service did not take one; Unsupported for what it cannot do,
    but for read marks, which it then simply does not show.
    """
    kind = actions[0].kind
    if _NEEDED[kind] not in connector.info.capabilities:
        if kind == "read":
            return
        raise Unsupported(connector.info.kind)
    if kind == "read":
        latest = {action.chat: action for action in sorted(actions, key=lambda one: one.message_id)}
        for action in latest.values():
            await connector.read(action.chat, action.external_id)
        return
    for action in actions:
        await _tell(connector, action)


async def _tell(connector: Connector, action: ServerAction) -> None:
    match action.kind:
        case "edit":
            await connector.edit(action.chat, action.external_id, action.target)
        case "withdraw":
            await connector.withdraw(action.chat, action.external_id)
        case "react":
            await connector.react(action.chat, action.external_id, json.loads(action.target))
