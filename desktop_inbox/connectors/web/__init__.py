"""Fetching from the web what a message names, without telling more than that it was fetched."""
