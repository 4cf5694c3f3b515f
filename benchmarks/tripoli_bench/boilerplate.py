"""What lies wholly in boilerplate, page noise around an article, is on neither side of a score."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec

from tripoli_loaders import Document

from .metrics import Context, SpanMeasure, metrics_of, select
from .views import View


def set_aside_boilerplate(
    document: Document, article: Document, tracks: Sequence[str], view: View
) -> tuple[Document, dict[str, set[tuple[int, int]]]]:
    """Return a document without the items that lie wholly in boilerplate, and which spans each track misses by that.

    Args:
        document: gold or prediction.
        article: the gold document of the article, whose zones count.
        tracks: the tracks that are scored.
        view: the label view.
    """
    stretches = _stretches(article)
    if not stretches:
        return document, {}

    def aside(item: object) -> bool:
        start, end = item.start, item.end  # type: ignore[attr-defined]
        return any(first <= start and end <= last for first, last in stretches)

    kept, removed = {}, {}
    for layer in ("mentions", "values", "events"):
        items = getattr(document, layer)
        if items is not None:
            kept[layer] = tuple(itertools.filterfalse(aside, items))
            removed[layer] = tuple(filter(aside, items))
    changed = msgspec.structs.replace(document, **kept)
    if not any(removed.values()):
        return changed, {}
    left_out = msgspec.structs.replace(document, **removed)
    context = Context(view, False, article)
    compared: dict[str, set[tuple[int, int]]] = {}
    for track in tracks:
        means = metrics_of(track)[0].means
        if isinstance(means, SpanMeasure):
            compared[track] = {item[:2] for item in select(left_out, context, means.select)}
    return changed, compared


def _stretches(article: Document) -> list[tuple[int, int]]:
    """Return the stretches of boilerplate; adjoining zones are one."""
    stretches: list[tuple[int, int]] = []
    for zone in article.zones or ():
        if zone.zone != "boilerplate":
            continue
        if stretches and stretches[-1][1] == zone.start:
            stretches[-1] = (stretches[-1][0], zone.end)
        else:
            stretches.append((zone.start, zone.end))
    return stretches
