"""Endpoints of Secrets Manager's clients are botocore's, though less is asked to find them."""

import boto3
import pytest
from botocore.config import Config
from botocore.model import OperationModel, ServiceModel
from botocore.regions import EndpointRulesetResolver
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.protocol.shapes import service_model
from mock_secrets.transport import resolution

KEYS = {"aws_access_key_id": "AKIDMINE", "aws_secret_access_key": "mine", "region_name": "eu-west-1"}


def url(handler=None, **given):
    """Where a client sends a call."""
    client = boto3.client("secretsmanager", **{**KEYS, **given})
    if handler is not None:
        client.meta.events.register("before-endpoint-resolution", handler)
    return client._resolve_endpoint_ruleset(client.meta.service_model.operation_model("ListSecrets"), {}, {})[0]


def in_another_region(builtins, **_):
    builtins["AWS::Region"] = "ap-south-1"


def in_a_region_that_is_asked_for(builtins, **_):
    builtins["AWS::Region"] = lambda: "ap-south-1"


@rows(
    "given",
    [
        {},
        {"region_name": "cn-north-1"},
        {"config": Config(use_fips_endpoint=True, use_dualstack_endpoint=True)},
        {"endpoint_url": "http://localhost:4566"},
        {"use_ssl": False},
        {"handler": in_another_region},
    ],
)
def test_the_resolved_endpoint_is_the_same_as_without_a_mock(given):
    outside = url(**given)

    with mock_secrets():
        assert url(**given) == outside


@mock_secrets
def test_an_endpoint_parameter_can_be_a_function():
    assert url(in_a_region_that_is_asked_for) == "https://secretsmanager.ap-south-1.amazonaws.com"


@mock_secrets
def test_endpoint_parameters_are_not_looked_up_in_an_operation_without_any(monkeypatch):
    monkeypatch.setattr(EndpointRulesetResolver, "_resolve_param_from_context", lambda *_, **__: pytest.fail("asked"))

    assert url()


def operation(service="Secrets Manager", *, client=None, **own):
    metadata = {"serviceId": service, "protocol": "json"}
    model = ServiceModel({"metadata": metadata, "operations": {}, "shapes": {}, "clientContextParams": client or {}})
    return OperationModel({"name": "List", "http": {}, **own}, model, "List")


@rows(
    "model, plain",
    [
        (service_model().operation_model("ListSecrets"), True),
        (operation(), True),
        (operation("S3"), False),
        (operation(client={"Accelerate": {"type": "boolean", "documentation": ""}}), False),
        (operation(staticContextParams={"Control": {"value": True}}), False),
    ],
)
def test_operations_with_their_own_endpoint_parameters_are_left_to_botocore(model, plain):
    assert resolution._plain.of(model) is plain


@mock_secrets
def test_endpoint_rules_with_unknown_builtins_are_left_to_botocore(monkeypatch):
    monkeypatch.setattr(resolution, "_BUILTINS", frozenset())
    asked = []
    original = EndpointRulesetResolver._resolve_param_from_context
    monkeypatch.setattr(
        EndpointRulesetResolver,
        "_resolve_param_from_context",
        lambda self, **given: asked.append(given["param_name"]) or original(self, **given),
    )

    assert url()
    assert "Region" in asked
