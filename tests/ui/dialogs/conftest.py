"""The mail servers that the account page signs in to."""

from tests.support.mail_servers import (  # noqa: F401
    _smtp_process,
    authority,
    dovecot,
    mailbox,
    smtp_server,
)
