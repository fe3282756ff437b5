"""The arguments of a client's call that are secret, or may be."""

from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from botocore.model import Shape

from mock_secrets.protocol.constraints import is_sensitive
from mock_secrets.protocol.shapes import service_model


def secret_parts(shape: Shape, given: Any) -> Iterator[Any]:
    """The sensitive members of a request, and all members that the model does not know, as they may be misspelt."""
    if is_sensitive(shape):
        yield given
    elif shape.type_name == "structure" and isinstance(given, Mapping):
        for name, member in given.items():
            if name in shape.members:
                yield from secret_parts(shape.members[name], member)
            else:
                yield member
    elif shape.type_name == "list" and isinstance(given, list | tuple):
        for item in given:
            yield from secret_parts(shape.member, item)
    elif isinstance(given, Mapping | list | tuple):
        yield given


def offered_in(call: FrameType) -> Iterator[Any]:
    """The possibly secret arguments of a client's method, from its frame.

    Positional arguments are included: botocore refuses them before it emits any event.
    """
    operation = service_model().operation_model(call.f_locals["operation_name"])
    yield call.f_locals["args"]
    yield from secret_parts(operation.input_shape, call.f_locals["kwargs"])
