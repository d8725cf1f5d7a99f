"""Records of an export become rows again: structure around mail that was ingested before.

What is here already stays as it is; records that mean the same are led to it through `Uids`. Runs
on the writer thread. A record that is not as `records` writes it ends in KeyError, TypeError or
ValueError, and with it the transaction.
"""
