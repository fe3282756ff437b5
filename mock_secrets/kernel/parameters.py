"""The declaration of a parameter of the mock: its help, its check and its default."""

from collections.abc import Callable
from dataclasses import field
from typing import Any, Literal, NamedTuple, TypeAlias

#: How a value is written as text, for example in an ini file.
Form: TypeAlias = Literal["word", "words", "pairs", "instant", "limits", "flag", "profiles"]
#: Takes a value and the parameter's name; returns the value to keep, or raises a TypeError or a ValueError.
Check: TypeAlias = Callable[[Any, str], Any]


class Parameter(NamedTuple):
    """The declaration of a parameter."""

    help: str
    check: Check
    default: Callable[[], Any]
    default_help: str
    form: Form


def parameter(
    text: str,
    *,
    check: Check,
    default: Any = None,
    default_factory: Callable[[], Any] | None = None,
    default_help: str = "",
    form: Form = "word",
    repr: bool = True,
) -> Any:
    """Declare a parameter as a dataclass field, which is None if the parameter is not given.

    :param text: the help text, for every place that explains the parameter.
    :param check: checks a given value.
    :param default, default_factory: the value in force if none is given.
    :param default_help: the default in words, where its repr would not say enough.
    :param form: how the value is written as text.
    """
    declared = Parameter(text, check, default_factory or (lambda: default), default_help or str(default), form)
    return field(default=None, repr=repr, metadata={"parameter": declared})
