"""Masks secret values in a whole history, since a test may have used one as a name, a label or the like."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

# As in report/history.py.
Data = dict[str, Any]

# The members that may repeat what a caller passed.
_WORDS = ("secret", "asked", "caller", "message", "hint", "error")


class Masks(NamedTuple):
    """The functions that mask values in texts, and in the names of secrets that exist or existed."""

    text: Callable[[str], str]
    name: Callable[[str], str]


def without_values(data: Data, masks: Masks) -> Data:
    """A whole history with the values masked that a test used as a name, a label or the like."""
    standings = [*data["before"], *(one for entry in data["entries"] for one in entry.get("left", ()))]
    names = {one[kind] for one in [*standings, *data["secrets"]] for kind in ("name", "arn")}
    text, name = cache(masks.text), cache(masks.name)

    def hide(words: str) -> str:
        return name(words) if words in names else text(words)

    def standing(one: Data) -> Data:
        labels = {text(label): number for label, number in one["labels"].items()}
        return {**one, "arn": hide(one["arn"]), "name": hide(one["name"]), "labels": labels}

    def entry(one: Data) -> Data:
        hidden: Data = {word: hide(one[word]) for word in _WORDS if one.get(word)}
        if "arns" in one:
            hidden |= {"arns": [*map(hide, one["arns"])], "left": [*map(standing, one["left"])]}
        if "params" in one:
            hidden["params"] = {param: hide(value) for param, value in one["params"].items()}
        return {**one, **hidden}

    return {
        **data,
        "entries": [*map(entry, data["entries"])],
        "before": [*map(standing, data["before"])],
        "secrets": [{**one, "arn": hide(one["arn"]), "name": hide(one["name"])} for one in data["secrets"]],
    }
