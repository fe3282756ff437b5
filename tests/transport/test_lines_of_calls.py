"""``call.line``: the line of the test that made a call, whatever lies between it and the service."""

import inspect

import boto3
from doors import without_hook
from tables import rows

from mock_secrets import mock_secrets


def line_here():
    return inspect.currentframe().f_back.f_lineno


def by_the_clients_method(client):
    client.list_secrets()
    return line_here() - 1


def by_a_paginator(client):
    list(client.get_paginator("list_secrets").paginate())
    return line_here() - 1


def below_the_clients_method(client):
    client._make_api_call("ListSecrets", {})
    return line_here() - 1


def inside_another_call(client):
    lines = []

    def call_meanwhile(**_):
        client.meta.events.unregister("before-send", call_meanwhile)
        client.list_secrets()
        lines.append(line_here() - 1)

    client.meta.events.register_first("before-send", call_meanwhile)
    client.describe_secret(SecretId="db")
    return lines[0]


def by_what_wraps_the_clients_method(client):
    method, lines = client.list_secrets, []

    def list_secrets():
        lines.append(line_here() + 1)
        return method()

    client.list_secrets = list_secrets
    client.list_secrets()
    # The wrapper is the user's too, and the innermost.
    return lines[0]


def by_a_client_whose_session_has_no_hook(client):
    with without_hook():
        early = boto3.Session().client("secretsmanager")
    early.list_secrets()
    return line_here() - 1


@rows(
    "calls",
    [
        by_the_clients_method,
        by_a_paginator,
        below_the_clients_method,
        inside_another_call,
        by_what_wraps_the_clients_method,
        by_a_client_whose_session_has_no_hook,
    ],
)
@mock_secrets(secrets={"db": "s3cret"})
def test_the_recorded_line_of_a_call_is_the_callers(secrets_backend, calls):
    client = boto3.client("secretsmanager")
    # Where the line was found the last time is known from here on.
    client.list_secrets()

    number = calls(client)

    (call,) = secrets_backend.calls.of("ListSecrets")[1:]
    assert (call.line.file, call.line.number) == (__file__, number)


@mock_secrets
def test_a_direct_access_call_is_recorded_with_its_own_line(secrets_backend):
    boto3.client("secretsmanager").list_secrets()

    secrets_backend.create("db", "s3cret")

    assert f"{__file__.rpartition('/')[2]}:{line_here() - 2}" in secrets_backend.report()
