"""What a connector is given about its account, with the secrets from where they are kept.

Reading secrets may block (a keyring may ask its user): call it from a thread, never on a loop.
"""

from __future__ import annotations

import json

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.secrets import Secrets
from desktop_inbox.store.rows import AccountRow

CHANGED = "secrets_changed_at"  # in an account's settings: makes a running engine read them again


def secrets_name(account_uid: str) -> str:
    """Return the name under which an account's secrets are kept, as one JSON object."""
    return f"account:{account_uid}"


def config_of(row: AccountRow, secrets: Secrets) -> AccountConfig:
    """Return everything a connector needs.

    Raises:
        UserError: the secrets cannot be read now.
    """
    kept = secrets.get(secrets_name(row.uid))
    return AccountConfig(
        id=row.id,
        address=row.address,
        settings={name: value for name, value in row.settings.items() if name != CHANGED},
        secrets=json.loads(kept) if kept else {},
    )
