"""HTML that strangers wrote: made inert, read as text, its links looked at.

Pure; everything is linear in the size of the document (see `mime.dom.tame`).
"""
