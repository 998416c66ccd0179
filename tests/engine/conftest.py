"""Tests of the engine: plain Python, no Odoo, no database.

Run them with ``python -m pytest tests/engine``.
"""

import sys
from pathlib import Path

from hypothesis import settings

# The engine is tested as the package it is, without importing the addon around it, which needs
# Odoo.
sys.path.append(str(Path(__file__).resolve().parents[2] / "expat_kpi"))

# The same examples on every run: a red build is red again on the next machine. For a hunt:
# `pytest --hypothesis-profile=hunt tests/engine`.
settings.register_profile("engine", derandomize=True, deadline=None, max_examples=150)
settings.register_profile("hunt", deadline=None, max_examples=20_000)
settings.load_profile("engine")
