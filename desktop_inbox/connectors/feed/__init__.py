"""Feeds (RSS, Atom): what people write in forums, reviews and posts, to be read here."""
