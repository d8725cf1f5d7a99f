"""Makes what builds packages importable, behind everything else: it is no part of the program."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "packaging"))
