"""Numbers that the command line and the functions share, without what the functions need to load."""

from __future__ import annotations

RESAMPLES = 2000
SEED = 20190404
TIMEOUT = 120.0
"""Seconds that a command may take for an article."""
