"""Make, sign and check what announces a new version. Needs the package `cryptography`.

    python3 packaging/sign_manifest.py new-key KEYFILE
    python3 packaging/sign_manifest.py sign --key KEYFILE --out updates.json --serial N
                                            --base-url URL [--page URL] [--days N]
                                            [--next-key K] [--withdraw K] FILE…
    python3 packaging/sign_manifest.py check updates.json

`new-key` writes a private key, which belongs into the release workflow's secrets and nowhere else,
and prints the public one for `update-keys` in pyproject.toml. `sign` announces the version that
this checkout is of, with what the changelog says of it, and one download for each FILE; a file's
name says what it is for, such as desktop-inbox_1.2.0_amd64.deb. N must be larger than ever before;
seconds since 1970 will do. KEYFILE may be `-`: the key comes from the variable UPDATE_KEY.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from desktop_inbox import __version__, project
from desktop_inbox.domain import releases
from desktop_inbox.domain.changelog import notes_of, read_changelog
from desktop_inbox.services.updates import verify

VARIABLE = "UPDATE_KEY"
DAYS = 180  # after which an announcement is not believed any more
# How a file's name ends, and the system and form that it is for.
ENDINGS = (
    (".deb", "linux", "deb"),
    (".rpm", "linux", "rpm"),
    (".AppImage", "linux", "appimage"),
    (".tar.gz", "linux", "tar"),
    (".tar.xz", "linux", "tar"),
    (".exe", "windows", "exe"),
    (".dmg", "macos", "dmg"),
)
MACHINES = (("x86_64", "x86_64"), ("amd64", "x86_64"), ("arm64", "arm64"), ("aarch64", "arm64"))


class Mistake(Exception):
    """What was asked for cannot be done; its text says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (Mistake, OSError) as error:
        print(f"sign_manifest: {error}", file=sys.stderr)
        return 1
    except releases.ManifestRefused as error:
        print(f"sign_manifest: it would be refused: {error.reason}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    new = commands.add_parser("new-key")
    new.add_argument("keyfile", type=Path)
    new.set_defaults(run=_new_key)
    sign = commands.add_parser("sign")
    sign.add_argument("--key", dest="keys", action="append", required=True, metavar="KEYFILE")
    sign.add_argument("--out", type=Path, required=True)
    sign.add_argument("--serial", type=int, required=True)
    sign.add_argument("--base-url", required=True, help="where the files will lie")
    sign.add_argument("--page", default="", help="where people can read about the version")
    sign.add_argument("--days", type=int, default=DAYS)
    sign.add_argument("--next-key", action="append", default=[], metavar="PUBLIC")
    sign.add_argument("--withdraw", action="append", default=[], metavar="PUBLIC")
    sign.add_argument("files", type=Path, nargs="+")
    sign.set_defaults(run=_sign)
    check = commands.add_parser("check")
    check.add_argument("manifest", type=Path)
    check.add_argument("--public-key", action="append", default=[], help="besides the program's")
    check.set_defaults(run=_check)
    return parser


def _new_key(options: argparse.Namespace) -> None:
    key = Ed25519PrivateKey.generate()
    with os.fdopen(os.open(options.keyfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
        f.write(base64.b64encode(key.private_bytes_raw()).decode("ascii") + "\n")
    print(public_key(key))


def _sign(options: argparse.Namespace) -> None:
    keys = [_read_key(name) for name in options.keys]
    payload = manifest(
        options.files,
        serial=options.serial,
        base_url=options.base_url,
        page=options.page,
        now=datetime.now(UTC).replace(microsecond=0),
        days=options.days,
        next_keys=options.next_key,
        withdrawn_keys=options.withdraw,
    )
    releases.read(payload)  # what no program would take is not handed out
    options.out.write_bytes(sign(payload, keys))
    print(
        f"{options.out}: version {__version__}, number {options.serial}, {len(options.files)} files"
    )


def _check(options: argparse.Namespace) -> None:
    found, _known = releases.accept(
        options.manifest.read_bytes(),
        built_in=(*project.update_keys(), *options.public_key),
        known=releases.Known(),
        now=datetime.now(UTC),
        verify=verify,
    )
    print(f"version {found.version}, number {found.serial}, until {found.expires:%Y-%m-%d}")
    for one in found.downloads:
        print(f"  {one.platform:16} {one.form:9} {one.size:>11} {one.url}")


def manifest(
    files: Sequence[Path],
    *,
    serial: int,
    base_url: str,
    page: str,
    now: datetime,
    days: int = DAYS,
    next_keys: Sequence[str] = (),
    withdrawn_keys: Sequence[str] = (),
) -> bytes:
    """Return the manifest that announces this checkout's version. *Raises:* Mistake."""
    values: dict[str, Any] = {
        "format": releases.FORMAT,
        "product": releases.PRODUCT,
        "serial": serial,
        "version": __version__,
        "released": now.isoformat(),
        "expires": (now + timedelta(days=days)).isoformat(),
        "page": page,
        "notes": _notes(),
        "downloads": [_download(path, base_url) for path in files],
        "next_keys": list(next_keys),
        "withdrawn_keys": list(withdrawn_keys),
    }
    return json.dumps(values, ensure_ascii=False, indent=1).encode("utf-8")


def sign(payload: bytes, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """Return a manifest in its envelope, signed with every key."""
    message = releases.signed_bytes(payload)
    return releases.seal(payload, {public_key(key): key.sign(message) for key in keys})


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the public half as it stands in pyproject.toml."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode("ascii")


def _read_key(name: str) -> Ed25519PrivateKey:
    text = os.environ.get(VARIABLE, "") if name == "-" else Path(name).read_text(encoding="ascii")
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text.strip(), validate=True))
    except ValueError:
        raise Mistake(f"{VARIABLE if name == '-' else name} holds no private key") from None


def _notes() -> dict[str, list[str]]:
    """Return what is new in this version, by language; what has no text in one is left out."""
    found = {}
    for language, path in project.changelogs().items():
        lines = notes_of(read_changelog(path.read_text(encoding="utf-8")), __version__)
        if lines:
            found[language] = list(lines)
    return found


def _download(path: Path, base_url: str) -> dict[str, Any]:
    system, form = next(
        ((system, form) for ending, system, form in ENDINGS if path.name.endswith(ending)),
        ("", ""),
    )
    machine = next((to for part, to in MACHINES if re.search(rf"[-_.]{part}\b", path.name)), "")
    if not system or not machine:
        raise Mistake(f"{path.name} does not say which system and machine it is for")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "platform": f"{system}-{machine}",
        "form": form,
        "name": path.name,
        "url": f"{base_url.rstrip('/')}/{path.name}",
        "size": path.stat().st_size,
        "sha256": digest,
    }


if __name__ == "__main__":
    sys.exit(main())
