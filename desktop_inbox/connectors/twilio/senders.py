"""The numbers and channel addresses of ours that an account speaks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping


def senders_of(address: str, settings: Mapping[str, object]) -> list[str]:
    """Return them as Twilio writes them, the main one first."""
    more = str(settings.get("senders") or "").replace(";", ",").split(",")
    written = (_as_twilio(one) for one in (address, *more))
    return list(dict.fromkeys(one for one in written if one))


def _as_twilio(entered: str) -> str:
    channel, colon, address = entered.strip().rpartition(":")
    plain = address.strip()
    if plain.startswith("+"):
        plain = "+" + "".join(char for char in plain if char.isdigit())
    return f"{channel.strip().lower()}{colon}{plain}"
