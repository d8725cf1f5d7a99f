"""Signs an executable where a certificate is at hand: `python sign.py FILE`. Without one, nothing.

The certificate is a PFX file, in base64 in the variable WINDOWS_CERTIFICATE, its password in
WINDOWS_CERTIFICATE_PASSWORD; WINDOWS_TIMESTAMP names a server that confirms the time. Windows'
own signtool does it there, osslsigncode elsewhere. NSIS calls this for the installer and for the
uninstaller in it. Standard library only.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

CERTIFICATE = "WINDOWS_CERTIFICATE"
_PASSWORD = "WINDOWS_CERTIFICATE_PASSWORD"  # noqa: S105 - the name of a variable
_TIMESTAMP = "WINDOWS_TIMESTAMP"
_KITS = Path(r"C:\Program Files (x86)\Windows Kits\10\bin")


class NotSigned(Exception):
    """There is a certificate, but signing did not work; says why."""


def main(arguments: Sequence[str]) -> int:
    """Sign the named file; return the exit status."""
    (name,) = arguments
    try:
        sign(Path(name))
    except NotSigned as error:
        print(f"sign: {error}", file=sys.stderr)
        return 1
    return 0


def is_possible() -> bool:
    """Tell whether there is a certificate."""
    return bool(os.environ.get(CERTIFICATE))


def sign(path: Path) -> None:
    """Sign an executable in place, where there is a certificate. *Raises:* NotSigned."""
    if not is_possible():
        return
    with TemporaryDirectory() as folder:
        certificate = Path(folder, "certificate.pfx")
        certificate.touch(mode=0o600)
        certificate.write_bytes(base64.b64decode(os.environ[CERTIFICATE]))
        if sys.platform == "win32":
            _with_signtool(path, certificate)
        else:
            _with_osslsigncode(path, certificate)


def _with_signtool(path: Path, certificate: Path) -> None:
    tools = sorted(_KITS.glob("10.*/x64/signtool.exe"))
    tool = shutil.which("signtool") or (str(tools[-1]) if tools else None)
    if tool is None:
        raise NotSigned("signtool, of the Windows SDK, is not there")
    command = [tool, "sign", "/fd", "sha256", "/f", str(certificate)]
    command += ["/p", os.environ.get(_PASSWORD, "")]
    if timestamp := os.environ.get(_TIMESTAMP):
        command += ["/tr", timestamp, "/td", "sha256"]
    _run([*command, str(path)])


def _with_osslsigncode(path: Path, certificate: Path) -> None:
    if shutil.which("osslsigncode") is None:
        raise NotSigned("osslsigncode must be installed (apt-get install osslsigncode)")
    signed = path.with_name(f"{path.name}.signed")
    password = certificate.with_name("password")
    password.touch(mode=0o600)
    password.write_text(os.environ.get(_PASSWORD, ""), encoding="utf-8")
    command = ["osslsigncode", "sign", "-pkcs12", str(certificate), "-readpass", str(password)]
    command += ["-h", "sha256"]
    if timestamp := os.environ.get(_TIMESTAMP):
        command += ["-ts", timestamp]
    _run([*command, "-in", str(path), "-out", str(signed)])
    signed.chmod(path.stat().st_mode)
    signed.replace(path)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise NotSigned(f"{Path(command[0]).stem}: {(done.stderr or done.stdout).strip()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
