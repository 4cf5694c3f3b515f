"""Where the data is: inside the installed package, or at the top of a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .errors import TripoliError


@cache
def annotations_path() -> Path:
    """Return the folder that holds articles, gold and schema.

    Raises:
        TripoliError: neither place has it.
    """
    here = Path(__file__).resolve()
    places = (here.parent / "annotations", here.parents[2] / "annotations")
    for place in places:
        if (place / "gold").is_dir():
            return place
    raise TripoliError(f"no annotations found: looked in {places[0]} and {places[1]}; install the package again")
