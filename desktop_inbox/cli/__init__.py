"""The command line: one thing at a time, without a screen, through the services the windows use.

Each command imports what it needs and nothing else; tests/test_imports.py says what that is.
"""
