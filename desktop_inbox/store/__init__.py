"""The workspace on disk: one SQLite file and a folder of content-addressed files."""

DATABASE_NAME = "workspace.db"  # in the data folder
