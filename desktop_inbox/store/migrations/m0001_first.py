"""The first released shape."""

from __future__ import annotations

from typing import Any


def upgrade(op: Any) -> None:
    """Create every table."""
