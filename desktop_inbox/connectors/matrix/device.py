"""Which device this program is to others: told in its folder, for its owner to compare. Pure."""

from __future__ import annotations

import json
from pathlib import Path

from desktop_inbox.connectors.contract import Device
from desktop_inbox.connectors.payload import line, part

_FILE = "device.json"


def note(folder: Path, device: Device) -> None:
    """Write it down; neither is a secret. *Raises:* OSError."""
    part_ = folder / f"{_FILE}.part"
    part_.write_text(json.dumps({"id": device.id, "key": device.key}), encoding="ascii")
    part_.replace(folder / _FILE)


def device_of(folder: Path) -> Device | None:
    """Return which device signed in last, None where none has."""
    try:
        told = part(json.loads((folder / _FILE).read_text(encoding="ascii")))
    except (OSError, ValueError):
        return None
    device = Device(id=line(told, "id"), key=line(told, "key"))
    return device if device.id and device.key else None
