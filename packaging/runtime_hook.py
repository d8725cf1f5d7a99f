"""What a frozen copy puts right before anything else runs. Imports nothing that takes time.

Runs in every process of the program: the window, the command line and their workers.
"""

import os
import sys

# Where Linux systems keep the authorities that they trust. The OpenSSL that Python was built with
# knows only the place of the system it was built on.
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine
)


def _forget_own_libraries() -> None:
    """Let programs that we start (a browser, a file manager) load their own libraries, not ours.

    The loader of this process has read the variable already.
    """
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)


def _find_authorities() -> None:
    """Name the file of trusted authorities where OpenSSL would look in vain."""
    if "SSL_CERT_FILE" in os.environ or "SSL_CERT_DIR" in os.environ:
        return
    found = next((path for path in _AUTHORITIES if os.path.isfile(path)), "")
    if found:
        os.environ["SSL_CERT_FILE"] = found


if sys.platform == "linux":
    _forget_own_libraries()
    _find_authorities()
