"""Benchmark of entity and event extractors on news: run extractors, score predictions.

The verbs of the command line are functions here, with the same names.
What it is not: it holds no data; articles, gold and their checks are `tripoli_loaders`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tripoli_loaders import check, verify

    from .agreement import agree
    from .comparison import compare
    from .error_analysis import errors
    from .extractors import Extractor
    from .metrics import Metric
    from .peers import score_like
    from .runs import run
    from .scores import Scores, score, score_tags

try:
    __version__ = version("tripoli-bench")
except PackageNotFoundError:  # a bare checkout on the path, not installed
    __version__ = "unknown"

_HOMES = {
    "compare": "tripoli_bench.comparison",
    "agree": "tripoli_bench.agreement",
    "errors": "tripoli_bench.error_analysis",
    "score_like": "tripoli_bench.peers",
    "score_tags": "tripoli_bench.scores",
    "Extractor": "tripoli_bench.extractors",
    "Metric": "tripoli_bench.metrics",
    "Scores": "tripoli_bench.scores",
    "check": "tripoli_loaders",
    "run": "tripoli_bench.runs",
    "score": "tripoli_bench.scores",
    "verify": "tripoli_loaders",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for: numpy has no part in `tripoli --help`."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Extractor",
    "Metric",
    "Scores",
    "agree",
    "check",
    "compare",
    "errors",
    "run",
    "score",
    "score_like",
    "score_tags",
    "verify",
]
