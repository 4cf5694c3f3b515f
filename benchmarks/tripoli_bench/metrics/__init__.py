"""What is measured: names of metrics, and the additive counts behind each."""

from __future__ import annotations

from .names import TRACKS, Metric, metrics_of
from .spans import Counts, count_spans, select_items

__all__ = ["TRACKS", "Counts", "Metric", "count_spans", "metrics_of", "select_items"]
