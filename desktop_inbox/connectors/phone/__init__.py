"""The phone and the shop door: a channel without a service, written down by hand."""
