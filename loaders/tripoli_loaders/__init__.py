"""The data of tripoli-bench: document model, checks, gold.

What it is not: it computes no scores and knows no extractor; that is `tripoli_bench`, which builds on this package.
"""

from __future__ import annotations

from .checks import Corpus, check, corpus, load_gold
from .comparison import Difference, differences
from .counting import counts, counts_table
from .documents import (
    format_document,
    iter_documents,
    read_documents,
    without_text,
    write_document,
    write_documents,
)
from .errors import CODES, FormatError, Problem, TripoliError, UsageError
from .figures import Claim, Conflict, claims, claims_table, conflicts
from .gold import articles, gold_version, read_gold
from .integrity import verify
from .leftovers import Unmarked, unmarked
from .model import Alternative, Argument, Article, Document, Event, Mention, Metadata, Span, Value, Zone
from .ontology import Ontology, ontology
from .resources import annotations_path
from .schema import json_schema
from .segmentation import split_sentences, tokenize

__all__ = [
    "CODES",
    "Alternative",
    "Argument",
    "Article",
    "Claim",
    "Conflict",
    "Corpus",
    "Difference",
    "Document",
    "Event",
    "FormatError",
    "Mention",
    "Metadata",
    "Ontology",
    "Problem",
    "Span",
    "TripoliError",
    "Unmarked",
    "UsageError",
    "Value",
    "Zone",
    "annotations_path",
    "articles",
    "check",
    "claims",
    "claims_table",
    "conflicts",
    "corpus",
    "counts",
    "counts_table",
    "differences",
    "format_document",
    "gold_version",
    "iter_documents",
    "json_schema",
    "load_gold",
    "ontology",
    "read_documents",
    "read_gold",
    "split_sentences",
    "tokenize",
    "unmarked",
    "verify",
    "without_text",
    "write_document",
    "write_documents",
]
