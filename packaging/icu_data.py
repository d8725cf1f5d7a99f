"""Makes Qt's copy of the ICU tables smaller: `python icu_data.py LIBICUDATA OUT`. Linux only.

The wheel brings every table of every language: 32 MB, of which Qt's widgets read how to sort text,
how to compare it, and time zones. Names of currencies, alphabets of old code pages and the like
are left out, as ICU's own data filter does; ICU then answers in its root language. Uses `nm`, `as`
and `ld` of binutils.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORMAT = b"CmnD"  # stands twelve bytes into the header
_KEPT_FOLDERS = ("coll/",)
_KEPT_SUFFIXES = (".icu", ".nrm", ".spp")
_KEPT_TABLES = frozenset(
    {
        "root.res", "pool.res", "res_index.res", "supplementalData.res", "keyTypeData.res",
        "icuver.res", "likelySubtags.res", "langInfo.res", "numberingSystems.res", "metadata.res",
        "timezoneTypes.res", "zoneinfo64.res", "windowsZones.res", "metaZones.res",
        "dayPeriods.res", "plurals.res", "icustd.res", "en.res", "tr.res", "zone/pool.res",
        "zone/root.res", "zone/tzdbNames.res", "zone/en.res", "zone/tr.res",
    }
)  # fmt: skip
_ALIGNED = 16
_SOURCE = """
    .section .rodata
    .globl {symbol}
    .type {symbol}, @object
    .size {symbol}, {size}
    .balign {aligned}
{symbol}:
    .incbin "{path}"
    .section .note.GNU-stack,"",@progbits
"""


def main(arguments: Sequence[str]) -> int:
    """Write a smaller copy of the first file to the second."""
    source, out = map(Path, arguments)
    shrink(source, out)
    return 0


def shrink(library: Path, out: Path) -> None:
    """Write a library like `library` to `out`, with the tables that Qt reads and no others.

    Raises:
        ValueError: it holds no tables in the form that is known.
        CalledProcessError: a program of binutils failed.
    """
    symbol, size = _symbol(library)
    whole = library.read_bytes()
    start = whole.index(_FORMAT) - 12
    header, tables = read(whole[start : start + size])
    kept = {name: table for name, table in tables.items() if is_kept(name)}
    _link(pack(header, kept), symbol=symbol, name=library.name, out=out)


def is_kept(name: str) -> bool:
    """Tell whether a table, such as "icudt73l/coll/tr.res", stays."""
    inner = name.partition("/")[2]
    if inner.endswith(_KEPT_SUFFIXES):
        return True
    return inner.startswith(_KEPT_FOLDERS) or inner in _KEPT_TABLES


def read(package: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Return the header of a package of tables, and the tables by name.

    Raises:
        ValueError: it is no such package.
    """
    if package[12:16] != _FORMAT or package[2:4] != b"\xda\x27":
        raise ValueError("not a package of ICU's tables")
    (header_size,) = struct.unpack_from("<H", package)
    body = package[header_size:]
    (count,) = struct.unpack_from("<I", body)
    entries = list(struct.iter_unpack("<II", body[4 : 4 + 8 * count]))
    ends = [at for _name, at in entries[1:]] + [len(body)]
    tables = {}
    for (name_at, table_at), end in zip(entries, ends, strict=True):
        name = body[name_at : body.index(b"\0", name_at)].decode("ascii")
        tables[name] = body[table_at:end]
    return package[:header_size], tables


def pack(header: bytes, tables: Mapping[str, bytes]) -> bytes:
    """Return a package of these tables; the inverse of `read`."""
    names = sorted(tables)
    at = 4 + 8 * len(names)
    name_places = []
    for name in names:
        name_places.append(at)
        at += len(name) + 1
    written = b"".join(name.encode("ascii") + b"\0" for name in names)
    padding = -at % _ALIGNED
    at += padding
    entries, bodies = [], []
    for name, name_at in zip(names, name_places, strict=True):
        table = tables[name] + b"\xaa" * (-len(tables[name]) % _ALIGNED)
        entries.append(struct.pack("<II", name_at, at))
        bodies.append(table)
        at += len(table)
    parts = [struct.pack("<I", len(names)), *entries, written, b"\xaa" * padding, *bodies]
    return header + b"".join(parts)


def _symbol(library: Path) -> tuple[str, int]:
    """Return the name and the size of the one thing that the library offers."""
    answer = subprocess.run(
        ["nm", "-D", "-S", "--defined-only", library], capture_output=True, text=True, check=True
    )
    for line in answer.stdout.splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[3].startswith("icudt"):
            return parts[3], int(parts[1], 16)
    raise ValueError(f"{library} holds no tables of ICU")


def _link(package: bytes, *, symbol: str, name: str, out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, code, part = (Path(folder) / file for file in ("tables", "tables.s", "tables.o"))
        data.write_bytes(package)
        code.write_text(
            _SOURCE.format(symbol=symbol, size=len(package), aligned=_ALIGNED, path=data),
            encoding="ascii",
        )
        subprocess.run(["as", "-o", part, code], check=True)
        linking: list[str | Path] = [
            "ld",
            "-shared",
            "-z",
            "noexecstack",
            "-soname",
            name,
            "-o",
            out,
            part,
        ]
        subprocess.run(linking, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
