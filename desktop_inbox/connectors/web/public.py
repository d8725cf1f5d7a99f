"""Which hosts and addresses belong to the public internet. Pure.

What strangers make us fetch must never reach the owner's own network: routers, printers and cloud
consoles answer whoever asks from inside (RFC 1918, 4193, 6598, 6890).
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_TUNNELS = (  # an IPv4 address travels inside, and where it comes out nobody here decides
    ipaddress.IPv6Network("2001::/32"),  # Teredo
    ipaddress.IPv6Network("2002::/16"),  # 6to4
)
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # IPv4 behind NAT64 (RFC 6052)
_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
# Names that mean something inside a network only (RFC 6761, 6762, 8375, 9476).
_PRIVATE_ENDS = (
    "localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa",
    "in-addr.arpa", "ip6.arpa", "onion", "alt", "test", "invalid", "example",
)  # fmt: skip


def is_public(address: Address) -> bool:
    """Tell whether an address lies on the public internet, in whatever form it is written."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and address not in _RELAYS
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _TRANSLATED:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    tunnelled = any(address in network for network in _TUNNELS)
    return address in _GLOBAL_UNICAST and address.is_global and not tunnelled


def is_public_name(host: str) -> bool:
    """Tell whether a host name may be looked up at all: it has a dot and no private ending."""
    name = host.lower().rstrip(".")
    if "." not in name:
        return False
    return not any(name == end or name.endswith(f".{end}") for end in _PRIVATE_ENDS)


def literal(host: str) -> Address | None:
    """Return the address that `host` is, None where it is a name.

    Numbers in the forms that only C's old functions read ("127.1", "0x7f000001", "017700000001")
    are names here, and `is_public_name` or the look-up refuses them.
    """
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
