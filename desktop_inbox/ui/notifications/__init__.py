"""Telling a person of what happened while they look elsewhere. UI thread only."""
