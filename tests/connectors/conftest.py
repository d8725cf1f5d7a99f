"""The mail servers, for every test of the connectors."""

from tests.support.mail_servers import (  # noqa: F401
    _smtp_process,
    authority,
    dovecot,
    mailbox,
    smtp_server,
)
