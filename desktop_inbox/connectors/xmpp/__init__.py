"""XMPP: talks with one person each, read from the server's archive."""
