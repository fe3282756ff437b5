"""What is known of one parameter of the mock: what it is, what it takes, and what holds where nobody gives it."""

from collections.abc import Callable
from dataclasses import field
from typing import Any, Literal, NamedTuple, TypeAlias

#: How text, such as an ini file's, writes a value.
Form: TypeAlias = Literal["word", "words", "pairs", "instant", "limits", "flag", "profiles"]
#: Gives a value as the mock keeps it, or raises a TypeError or a ValueError; by the value and the parameter's name.
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
    """A field of a dataclass that declares a parameter, and is None where nothing was given.

    :param text: what it is, for every place that explains it.
    :param default, default_factory: what is in force where nothing was given.
    :param default_help: the default in words, where the value itself would say too little.
    """
    declared = Parameter(text, check, default_factory or (lambda: default), default_help or str(default), form)
    return field(default=None, repr=repr, metadata={"parameter": declared})
