"""What a score was computed with: the choices there are, and the one line that names them beside every score."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from tripoli_loaders import UsageError

from . import __version__
from .metrics import ChainMeasure, metrics_of
from .rows import Bootstrap
from .statistics import LEVEL
from .stream import Gold
from .tally import MANY, Tally

LEAST, MOST = 100, 100_000  # resamples: fewer give no percentiles, more give no digits


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """What a score can be computed with or without; the signature names each.

    Attributes:
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        alternatives: credit the readings that the adjudication accepts beside the gold's.
        singletons: count chains of one item.
        keep_first: take an item that is in two chains for one of the first, instead of refusing it.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.
    """

    boilerplate: bool = False
    alternatives: bool = False
    singletons: bool = True
    keep_first: bool = False
    skip_invalid: bool = False


def check_numbers(resamples: int, seed: int, jobs: int = 1) -> None:
    """Raise UsageError for resamples or a seed that no resampling takes, or a number of processes below one."""
    if resamples and not LEAST <= resamples <= MOST:
        raise UsageError(f"found {resamples} resamples, expected 0 for no intervals, or {LEAST} to {MOST}")
    if seed < 0:
        raise UsageError(f"found seed {seed}, expected 0 or more")
    if jobs < 1:
        raise UsageError(f"found {jobs} jobs, expected 1 or more")


def signature(
    gold: str,
    tracks: Sequence[str],
    view: str,
    conventions: Conventions,
    tallies: dict[str, Tally],
    interval: dict[str, str],
    *,
    tags: str | None = None,
) -> str:
    """Return what was computed, as one line.

    Args:
        gold: version and fingerprint.
        tracks: those that are scored.
        view: the label view.
        conventions: what it was computed with.
        tallies: the counts of each system, for what was left out of them.
        interval: how the intervals or tests were made.
        tags: the decoding of tags, where the sides are tags.
    """
    parts = {"tracks": "+".join(tracks), "matching": "one-to-one", "view": view}
    if tags is None:
        parts["zones"] = "all" if conventions.boilerplate else "title+body"
    else:
        parts["tags"] = tags
    parts["gold"] = gold
    if any(isinstance(metric.means, ChainMeasure) for track in tracks for metric in metrics_of(track)):
        kept = "kept" if conventions.singletons else "dropped"
        repeats = "first" if conventions.keep_first else "refused"
        parts["chains"] = f"singletons-{kept}+repeats-{repeats}+blanc-either-side"
    if conventions.alternatives:
        parts["alternatives"] = "credited"
    parts |= left_out_part(tallies)
    parts |= interval
    parts["tripoli-bench"] = __version__
    return "|".join(f"{name}:{value}" for name, value in parts.items())


def left_out_part(tallies: dict[str, Tally]) -> dict[str, str]:
    """Return what was left out of each system's predictions, for `signature`; empty where nothing was."""
    left_out = {name: tally.left_out for name, tally in tallies.items() if tally.left_out}
    plain = [f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}={number}" for name, number in left_out.items()]
    return {"left-out": "+".join(plain)} if plain else {}


def interval_part(bootstrap: Bootstrap, unit: str) -> dict[str, str]:
    """Return how intervals are made, for `signature`."""
    resamples, seed = bootstrap
    return {"interval": f"{LEVEL:.0%}-bootstrap-{unit}-{resamples}-seed{seed}" if resamples else "none"}


def unit_of(gold: Gold | None, tallies: dict[str, Tally]) -> str:
    """Return what counts are resampled by: sentences, articles that have none, or groups of either."""
    if gold is None:
        return f"{MANY}-groups-of-sentences" if any(t.number > MANY for t in tallies.values()) else "sentence"
    if gold.many:
        return f"{MANY}-groups-of-articles"
    tally = next(iter(tallies.values()), None)
    several = tally is not None and any(len(article.zones) > 1 for article in tally.articles)
    if several and tally is not None and len(tally.strata()) < len(tally.articles):
        return "sentence-of-all-articles"
    return "sentence" if several else "article"
