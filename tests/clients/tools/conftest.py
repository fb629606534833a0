"""Puts tools/ where its own scripts find their neighbours: it is no package, nobody installs it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
