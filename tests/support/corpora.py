"""Finds the collections of sample data that some checkouts have beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def corpus(name: str) -> Path:
    """Return the folder or file `name` of the collections, or skip the test that asks for it."""
    path = _BESIDE / name
    if not path.exists():
        pytest.skip(f"no sample data “{name}” beside this checkout")
    return path
