"""Generated annotations: what Hypothesis draws from."""

from __future__ import annotations

from hypothesis import strategies as st

from tripoli_bench.matching import Item
from tripoli_loaders import Document, Event, Mention, Span, Value

TYPES = ("PER", "ORG", "GPE")
LENGTH = 40


@st.composite
def items(draw: st.DrawFn, max_size: int = 12) -> list[Item]:
    """Items of any nesting and crossing, none twice."""
    spans = st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 8), st.sampled_from(TYPES))
    drawn = draw(st.lists(spans, max_size=max_size, unique=True))
    return [Item(start, start + size, name, (start, start + size)) for start, size, name in drawn]


@st.composite
def documents(draw: st.DrawFn, id: str = "a") -> Document:
    """Documents with sentences and tokens of five characters, mentions and values."""
    mention = st.builds(
        lambda start, size, name, level, key: Mention(start, start + size, name, level, key),
        st.integers(0, LENGTH - 8),
        st.integers(1, 8),
        st.sampled_from(TYPES),
        st.sampled_from(("NAM", "NOM", "PRO")),
        st.sampled_from((None, "p", "q", "r")),
    )
    event = st.builds(
        lambda start, size, name, realis, key: Event(start, start + size, name, realis, "Positive", key),
        st.integers(0, LENGTH - 8),
        st.integers(1, 8),
        st.sampled_from(("Life.Die", "Contact.Meet")),
        st.sampled_from(("Actual", "Other")),
        st.sampled_from(("x", "y")),
    )
    value = st.builds(
        lambda start, size, kind: Value(start, start + size, kind),
        st.integers(0, LENGTH - 8),
        st.integers(1, 8),
        st.sampled_from(("TIME", "NUM")),
    )

    def key(item: Mention | Value | Event) -> tuple[int, int]:
        return item.start, item.end

    return Document(
        id,
        sentences=tuple(Span(start, start + 10) for start in range(0, LENGTH, 10)),
        tokens=draw(st.sampled_from((None, tuple((start, start + 5) for start in range(0, LENGTH, 5))))),
        events=draw(st.none() | st.lists(event, max_size=5, unique_by=key).map(tuple)),
        mentions=tuple(draw(st.lists(mention, max_size=10, unique_by=key))),
        values=tuple(draw(st.lists(value, max_size=4, unique_by=key))),
    )
