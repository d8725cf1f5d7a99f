"""Sanitised HTML into the clean view that a text browser shows."""

from __future__ import annotations


def reading_view(html: str, *, dark: bool = False, width: int = 640) -> str:
    """Return sanitised `html` simplified for a pane of `width` pixels."""
    return html
