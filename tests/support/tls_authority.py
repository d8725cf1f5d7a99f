"""A certificate authority of the tests, which servers on this computer are trusted by."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority of our own, and leaves for localhost."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The authority itself, what a client trusts."""
        return self.folder / "ca.pem"

    def chain(self, name: str = "localhost") -> Path:
        """Certificate and key for a host name, in one file."""
        return self.folder / f"{name}.pem"

    def server_context(self, name: str = "localhost") -> ssl.SSLContext:
        """What a server in the process presents."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain(name))
        return context


def make_authority(folder: Path) -> Authority:
    """Write an authority with certificates for localhost and for another host."""
    authority = Authority(folder=folder)
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(authority.ca_file))
    for name, hosts in (("localhost", ("localhost", "127.0.0.1")), ("other", ("other.example",))):
        ca.issue_cert(*hosts).private_key_and_cert_chain_pem.write_to_path(
            str(authority.chain(name))
        )
    return authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of this run."""
    return make_authority(tmp_path_factory.mktemp("tls"))
