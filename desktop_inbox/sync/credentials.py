"""What a connector is given about its account, with the secrets from where they are kept.

Reading secrets may block (a keyring may ask its user): call it from a thread, never on a loop.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from desktop_inbox.connectors.contract import AccountConfig
from desktop_inbox.connectors.errors import AuthError
from desktop_inbox.domain.errors import UserError
from desktop_inbox.secrets import Secrets
from desktop_inbox.store.rows import AccountRow
from desktop_inbox.sync.aside import aside
from desktop_inbox.sync.channel_files import folder_of

CHANGED = "secrets_changed_at"  # in an account's settings: makes a running engine read them again


def secrets_name(account_uid: str) -> str:
    """Return the name under which an account's secrets are kept, as one JSON object."""
    return f"account:{account_uid}"


def config_of(row: AccountRow, secrets: Secrets, *, data_dir: Path | None = None) -> AccountConfig:
    """Return everything a connector needs; to work, not only to try it, with the `data_dir`.

    Raises:
        UserError: the secrets cannot be read now.
    """
    name = secrets_name(row.uid)

    async def keep(news: Mapping[str, str]) -> None:
        try:
            await aside(_keep, secrets, name, news)
        except UserError as error:  # the old ones may be worth nothing any more
            raise AuthError(error.code, step="secrets") from error

    return AccountConfig(
        id=row.id,
        address=row.address,
        settings={name: value for name, value in row.settings.items() if name != CHANGED},
        secrets=_read(secrets, name),
        keep_secrets=keep,
        folder=folder_of(data_dir, row.uid) if data_dir is not None else None,
    )


def _read(secrets: Secrets, name: str) -> dict[str, str]:
    kept = secrets.get(name)
    return json.loads(kept) if kept else {}


def _keep(secrets: Secrets, name: str, news: Mapping[str, str]) -> None:
    secrets.set(name, json.dumps({**_read(secrets, name), **news}))
