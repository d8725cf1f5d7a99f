"""The mail servers, for every test of the connectors."""

from tests.support.dovecot import dovecot, mailbox  # noqa: F401
from tests.support.smtp_server import _smtp_process, smtp_server  # noqa: F401
from tests.support.tls_authority import authority  # noqa: F401
