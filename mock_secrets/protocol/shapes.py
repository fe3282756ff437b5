"""The operations, from botocore's service model: their members, with types and constraints.

The model is read from the installed botocore, so nothing here can get out of date.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from botocore import xform_name
from botocore.loaders import create_loader
from botocore.model import ServiceModel

from mock_secrets.kernel.codes import SerializationException
from mock_secrets.kernel.errors import ConstraintViolations
from mock_secrets.protocol.constraints import NOT_NULL, Check, camel, checker, is_sensitive, violation
from mock_secrets.protocol.reading import reader


@dataclass(frozen=True)
class Member:
    """One input member of an operation."""

    name: str
    argument: str
    required: bool
    sensitive: bool
    read: Callable[[Any], Any]
    check: Check
    path: str


@dataclass(frozen=True)
class OperationShape:
    """One operation in the service model."""

    name: str
    members: tuple[Member, ...]
    has_output: bool
    token_member: str | None

    @cached_property
    def sensitive(self) -> tuple[str, ...]:
        return tuple(member.name for member in self.members if member.sensitive)

    # Plain tuples, because every call iterates over them.

    @cached_property
    def _readers(self) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
        return tuple((member.name, member.read) for member in self.members)

    @cached_property
    def _checks(self) -> tuple[tuple[str, Check, str, bool], ...]:
        return tuple((member.name, member.check, member.path, member.required) for member in self.members)

    @cached_property
    def _arguments(self) -> tuple[tuple[str, str], ...]:
        return tuple((member.name, member.argument) for member in self.members)

    def read(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The known members, in their Python types. AWS ignores unknown ones (recorded: test_no_client_request_token).

        :raises SerializationException: if a member has the wrong type.
        """
        return {name: read(params[name]) for name, read in self._readers if name in params}

    def readable(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """As :meth:`read`, but without the members that can't be read, for a request that is refused."""
        readable: dict[str, Any] = {}
        for member in self.members:
            if member.name in params:
                with suppress(SerializationException):
                    readable[member.name] = member.read(params[member.name])
        return readable

    def check(self, params: Mapping[str, Any]) -> None:
        """Check the members of a request against the constraints of the service's model.

        :raises ConstraintViolations: naming every constraint that the members violate.
        """
        violations: list[str] = []
        for name, check, path, required in self._checks:
            if name in params:
                violations += check(params[name], path)
            elif required:
                violations.append(violation("Value null", path, NOT_NULL))
        if violations:
            count = len(violations)
            summary = f"{count} validation error" if count == 1 else f"{count} validation errors"
            raise ConstraintViolations(summary=summary, violations="; ".join(violations))

    def arguments(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The members under their Python names."""
        return {argument: params[name] for name, argument in self._arguments if name in params}


@cache
def operations() -> dict[str, OperationShape]:
    """Every operation of Secrets Manager, by AWS's name."""
    model = service_model()
    return {name: _operation(model, name) for name in model.operation_names}


@cache
def service_model() -> ServiceModel:
    return ServiceModel(create_loader().load_service_model("secretsmanager", "service-2"), "secretsmanager")


def _operation(model: ServiceModel, name: str) -> OperationShape:
    operation = model.operation_model(name)
    shape = operation.input_shape
    members = tuple(
        Member(
            name=member,
            argument=xform_name(member),
            required=member in shape.required_members,
            sensitive=is_sensitive(member_shape),
            read=reader(member_shape),
            check=checker(member_shape),
            path=camel(member),
        )
        for member, member_shape in shape.members.items()
    )
    tokens = [member for member, member_shape in shape.members.items() if "idempotencyToken" in member_shape.metadata]
    return OperationShape(name, members, operation.output_shape is not None, tokens[0] if tokens else None)
