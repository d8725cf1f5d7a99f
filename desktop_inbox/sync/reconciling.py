"""Once a week all that lies on a server is compared with what lies here (rule O8). Engine loop."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from desktop_inbox.connectors.contract import Batch, Capability, Connector, Cursor
from desktop_inbox.store import accounts, places
from desktop_inbox.store.database import utc_now
from desktop_inbox.sync.awaited_store import AwaitedStore

_EVERY = timedelta(days=7)


async def reconcile(
    store: AwaitedStore, account_id: int, connector: Connector, cursor: Cursor
) -> Batch | None:
    """Return what is lacking here, None where it is not time to look.

    *Raises:* ConnectorError, StoreError.
    """
    if Capability.RECONCILE not in connector.info.capabilities:
        return None
    last = await store.read(lambda conn: accounts.reconciled_at(conn, account_id))
    if last is None:  # all of it has just been read for the first time
        await store.write(partial(accounts.set_reconciled, account_id=account_id, missing=0))
        return None
    if utc_now() - last < _EVERY:
        return None
    lying = await store.read(lambda conn: places.uids_by_folder(conn, account_id))
    return await connector.reconcile(cursor, lying)
