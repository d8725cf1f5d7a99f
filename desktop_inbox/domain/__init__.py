"""Values and rules of the help desk: standard library only, no I/O, no clock, no Qt."""
