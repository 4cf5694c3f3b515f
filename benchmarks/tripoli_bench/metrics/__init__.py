"""What is measured: names of metrics, what each compares, and the additive counts behind it."""

from __future__ import annotations

from .counts import Counts, count_items
from .items import Context, select
from .names import LAYERS, TRACKS, ChainMeasure, Metric, SpanMeasure, metrics_of

__all__ = [
    "LAYERS",
    "TRACKS",
    "ChainMeasure",
    "Context",
    "Counts",
    "Metric",
    "SpanMeasure",
    "count_items",
    "metrics_of",
    "select",
]
