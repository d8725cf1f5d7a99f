"""The window. It is painted before most of the program is imported.

What the first frame shows, the navigation and the list, imports neither SQLAlchemy nor asyncio
nor the other panes; together these take several times as long as the frame itself. Such modules
import their queries inside the functions that a reader thread runs. tests/test_imports.py guards
the list of what must not come in.
"""
