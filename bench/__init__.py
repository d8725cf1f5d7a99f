"""Speed and memory, each figure beside an anchor from the same run. No part of the program."""
