"""The program's mark as Windows wants it: several sizes in one file. Pure."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SIDES = (16, 20, 24, 32, 40, 48, 64, 128, 256)  # pixels, what Windows asks for up to 200 %
_ICON = 1
_BITS = 32


def ico(pictures: Mapping[int, bytes]) -> bytes:
    """Return an .ico file of PNG pictures by their side; 256 at most."""
    header = struct.pack("<HHH", 0, _ICON, len(pictures))
    place = len(header) + 16 * len(pictures)
    entries, data = [], []
    for side, picture in sorted(pictures.items()):
        shown = side % 256  # 256 is written as 0
        entries.append(struct.pack("<BBBBHHII", shown, shown, 0, 0, 1, _BITS, len(picture), place))
        data.append(picture)
        place += len(picture)
    return b"".join([header, *entries, *data])
