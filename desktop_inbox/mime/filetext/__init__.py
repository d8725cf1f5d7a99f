"""The words in a file, for searching: pdf, office documents and plain text. Hostile bytes welcome.

Runs in the parse worker, whose limits on time and memory stand behind those kept here.
"""

from desktop_inbox.mime.filetext.reading import is_readable, read_text
from desktop_inbox.mime.filetext.words import Unreadable

__all__ = ["Unreadable", "is_readable", "read_text"]
