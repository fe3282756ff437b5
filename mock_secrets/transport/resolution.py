"""Finds the parameters of a client's endpoint rules while a mock is active, without repeated look-ups for every call.

For each parameter botocore looks in four places of the operation before it uses its built-in value, and no operation of
Secrets Manager defines any. The event in between, which may change the parameters, and the rules stay botocore's.

The stand-in replaces a private part of botocore, so a contract test guards it.
"""

from typing import Any
from weakref import WeakKeyDictionary

from botocore.model import OperationModel
from botocore.regions import EndpointRulesetResolver

from mock_secrets.transport import running
from mock_secrets.transport.patches import Patch

_SERVICE_ID = "Secrets Manager"
# The built-ins in the rules of Secrets Manager.
_BUILTINS = frozenset({"AWS::Region", "AWS::UseDualStack", "AWS::UseFIPS", "SDK::Endpoint"})


class _Plain(WeakKeyDictionary[OperationModel, bool]):
    """Whether an operation is Secrets Manager's and defines no parameter of the rules; computed once for each."""

    def of(self, operation: OperationModel) -> bool:
        found = self.get(operation)
        if found is None:
            found = self[operation] = _names_nothing(operation)
        return found


def _names_nothing(operation: OperationModel) -> bool:
    service = operation.service_model
    return service.service_id == _SERVICE_ID and not (
        service.client_context_parameters
        or operation.static_context_parameters
        or operation.context_parameters
        # Since botocore 1.35.
        or getattr(operation, "operation_context_parameters", None)
    )


_plain = _Plain()


def _get_provider_params(original: Any) -> Any:
    def get_provider_params(
        self: EndpointRulesetResolver, operation_model: OperationModel, call_args: Any, request_context: Any
    ) -> Any:
        definitions = [(name, definition.builtin) for name, definition in self._param_definitions.items()]
        is_plain = running.mock is not None and _plain.of(operation_model)
        if not is_plain or not all(builtin in _BUILTINS for _, builtin in definitions):
            return original(self, operation_model, call_args, request_context)
        builtins = self._get_customized_builtins(operation_model, call_args, request_context)
        found = {}
        for name, builtin in definitions:
            value = builtins.get(builtin)
            if callable(value):
                value = value()
            if value is not None:
                found[name] = value
        return found

    return get_provider_params


PATCHES = [Patch("botocore.regions", "EndpointRulesetResolver", "_get_provider_params", _get_provider_params)]
