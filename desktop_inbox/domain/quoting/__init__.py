"""What of a reply is new: quoted history and signature told apart, never deleted.

`languages` holds the words of mail programs, `attribution`, `headers` and `signature` tell what
a line is, `reply` walks over the lines. Pure text rules, linear in the length of the text.
"""

from desktop_inbox.domain.quoting.attribution import introduces_quotation, is_attribution
from desktop_inbox.domain.quoting.headers import starts_header_block
from desktop_inbox.domain.quoting.reply import Reply, history_lines, split_reply

__all__ = [
    "Reply",
    "history_lines",
    "introduces_quotation",
    "is_attribution",
    "split_reply",
    "starts_header_block",
]
