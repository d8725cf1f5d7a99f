"""Matrix: rooms read from /sync and written by transaction, encrypted ones too."""
