"""What one batch came to, for the states of accounts and for `sync --json`. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one batch came to (rule C8): every message fetched is counted in exactly one."""

    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(
            stored=self.stored + other.stored,
            duplicates=self.duplicates + other.duplicates,
            quarantined=self.quarantined + other.quarantined,
        )
