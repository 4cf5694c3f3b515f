"""How much there is of what: articles by zone, mentions by type and level, values by kind, entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .model import Document


def counts(documents: Iterable[Document]) -> dict[str, dict[str, int]]:
    """Return the counts of these documents, by layer and label; the most frequent label first.

    Entities count once over all documents where their keys hold over the corpus, else once a document.
    """
    layers: dict[str, Counter[str]] = {}

    def add(layer: str, label: str, number: int = 1) -> None:
        layers.setdefault(layer, Counter())[label] += number

    entities: set[tuple[str, str, str]] = set()
    for document in documents:
        add("articles", "articles")
        for unit in ("sentences", "tokens"):
            add("articles", unit, len(getattr(document, unit) or ()))
        for zone in document.zones or ():
            add("characters by zone", zone.zone, zone.end - zone.start)
        for mention in document.mentions or ():
            add("mentions by type", mention.type)
            add("mentions by level", mention.level or "none")
            if mention.entity is not None:
                entities.add(("" if document.scope == "corpus" else document.id, mention.entity, mention.type))
        for value in document.values or ():
            add("values", value.timex or value.kind)
        for event in document.events or ():
            add("events by type", event.type)
    for _, _, entity_type in entities:
        add("entities by type", entity_type)
    return {
        layer: dict(sorted(counter.items(), key=lambda item: (-item[1], item[0]))) for layer, counter in layers.items()
    }


def counts_table(documents: Iterable[Document]) -> str:
    """Return the counts as the Markdown table that stands in the data set card."""
    lines = ["| layer | in all | of which |", "|---|--:|---|"]
    for layer, labels in counts(documents).items():
        total = "" if layer == "articles" else f"{sum(labels.values()):,}"
        parts = ", ".join(f"{label} {number:,}" for label, number in labels.items())
        lines.append(f"| {layer} | {total} | {parts} |")
    return "\n".join(lines) + "\n"
