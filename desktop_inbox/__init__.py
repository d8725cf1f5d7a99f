"""Desktop Inbox: every customer, on whatever channel they write, answered from one laptop."""

__version__ = "0.1.0"
