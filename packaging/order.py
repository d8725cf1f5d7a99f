"""What a build was asked for. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run of the build."""

    project: Project
    out: Path  # where what is made comes to lie
    quick: bool = False  # compressed little, for trying out
    frozen: Path | None = None  # a folder that was made before; None: make it now
