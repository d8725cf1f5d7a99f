"""The frozen folder itself."""

from __future__ import annotations

from pathlib import Path

from freezing import freeze
from order import Order


def build(order: Order) -> Path:
    """Freeze the program into `dist/desktop-inbox`."""
    return freeze(order)
