"""Documents in a failed comparison, as they may be shown: differences stay visible, secret values don't."""

from typing import Any

from mock_secrets.kernel.redaction import OTHER, REDACTED, VALUE, Redacted


class _Word(str):
    """The placeholder of a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


_EQUAL, _ONE, _OTHER = _Word(REDACTED), _Word(VALUE), _Word(OTHER)


def told(left: object, right: object) -> tuple[Any, Any] | None:
    """Both sides, with placeholders for secret values and what they are compared with; None if neither has any."""
    try:
        return _sides(left, right) if _holds_value(left) or _holds_value(right) else None
    except RecursionError:
        # pytest explains what it can, from reprs that show no value.
        return None


def _holds_value(side: Any) -> bool:
    if type(side) in (list, tuple):
        return any(_holds_value(one) for one in side)
    return any(_holds_value(one) for one in side.values()) if type(side) is dict else isinstance(side, Redacted)


def _sides(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, Redacted) or isinstance(right, Redacted):
        if left == right:
            return _EQUAL, _EQUAL
        return _ONE if isinstance(left, str | bytes) else left, _OTHER if isinstance(right, str | bytes) else right
    if type(left) is dict and type(right) is dict:
        both = {name: _sides(left[name], right[name]) for name in left if name in right}
        return (
            {name: both[name][0] if name in both else _alone(one) for name, one in left.items()},
            {name: both[name][1] if name in both else _alone(one) for name, one in right.items()},
        )
    if type(left) is type(right) and type(left) in (list, tuple):
        pairs = [_sides(one, other) for one, other in zip(left, right, strict=False)]
        return (
            type(left)([*(one for one, _ in pairs), *map(_alone, left[len(pairs) :])]),
            type(left)([*(other for _, other in pairs), *map(_alone, right[len(pairs) :])]),
        )
    return _alone(left), _alone(right)


def _alone(side: Any) -> Any:
    """Replace the values of something that has no counterpart on the other side."""
    if type(side) is dict:
        return {name: _alone(one) for name, one in side.items()}
    if type(side) in (list, tuple):
        return type(side)(map(_alone, side))
    return _EQUAL if isinstance(side, Redacted) else side
