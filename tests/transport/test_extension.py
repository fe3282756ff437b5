"""``backend.serve_extension()``: the Lambda extension on port 2773, and the agent, as their documentation has them."""

import json
import os
from datetime import datetime, timedelta, timezone
from http.client import HTTPConnection

import pytest
from conformance.fidelity import behaviour
from tables import rows

from mock_secrets import mock_secrets
from mock_secrets.faults import ReadTimeout

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
TOKEN = "X-Aws-Parameters-Secrets-Token"
EXTENSION, AGENT = "The Lambda extension", "The Secrets Manager Agent"
GUIDE = "AWS User Guide, Using the AWS Parameters and Secrets Lambda Extension"
README = "README of GitHub aws/aws-secretsmanager-agent"


def ask(path, headers=None, method="GET", port=None):
    """As a Lambda function asks: by the two variables of its environment."""
    port = port or os.environ["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"]
    given = {TOKEN: os.environ["AWS_SESSION_TOKEN"]} if headers is None else headers
    connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
    connection.request(method, path, b"" if method == "POST" else None, given)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def value(path="/secretsmanager/get?secretId=db", **given):
    status, body = ask(path, **given)
    assert status == 200, body
    return json.loads(body)["SecretString"]


@pytest.fixture
def backend():
    with mock_secrets(at=NOON, secrets={"db": "s3cret", "shop/api": "key"}) as backend:
        yield backend


@pytest.fixture
def extension(backend):
    with backend.serve_extension() as extension:
        yield extension


@behaviour(
    EXTENSION,
    "the answer is GetSecretValue's, with ResultMetadata, a null for the other kind of value, and the date as text",
    "REPORTED",
    'answers of the extension that quote "ResultMetadata"',
)
@pytest.mark.usefixtures("extension")
def test_the_extension_returns_all_fields_of_get_secret_value():
    status, body = ask("/secretsmanager/get?secretId=db")

    told = json.loads(body)
    assert status == 200
    assert (told["Name"], told["SecretString"], told["SecretBinary"]) == ("db", "s3cret", None)
    assert told["CreatedDate"] == "2026-03-01T12:00:00.000Z"
    assert told["VersionStages"] == ["AWSCURRENT"]
    assert told["ResultMetadata"] == {}


@behaviour(EXTENSION, "versionStage and versionId select a version", "AWS-DOC", GUIDE)
@pytest.mark.usefixtures("extension")
def test_the_extension_selects_a_version_by_label_or_id(backend):
    first = backend["db"].stages["AWSCURRENT"].id
    backend["db"].update("new")

    assert value("/secretsmanager/get?secretId=db&versionStage=AWSPREVIOUS") == "s3cret"
    assert value(f"/secretsmanager/get?secretId=db&versionId={first}") == "s3cret"
    assert value() == "new"


@behaviour(AGENT, "/v1/NAME returns a secret, and its name may contain slashes", "AWS-DOC", README)
@pytest.mark.usefixtures("extension")
def test_the_agent_takes_the_secret_name_from_the_path():
    assert value("/v1/db") == value("/v1/db", headers={"X-Vault-Token": os.environ["AWS_SESSION_TOKEN"]}) == "s3cret"
    assert value("/v1/shop%2Fapi") == value("/v1/shop/api") == "key"


@behaviour(EXTENSION, "a value is cached for 300 seconds", "AWS-DOC", GUIDE)
@pytest.mark.usefixtures("extension")
def test_the_extension_caches_a_value_for_five_minutes_of_service_time(backend):
    value()
    backend["db"].update("new")

    assert value() == "s3cret"
    backend.clock.advance(seconds=299)
    assert value() == "s3cret"
    backend.clock.advance(seconds=1)
    assert value() == "new"
    assert len(backend.calls.of("GetSecretValue")) == 2


@behaviour(AGENT, "refreshNow=true bypasses the cache", "AWS-DOC", README)
@pytest.mark.usefixtures("extension")
def test_refresh_now_bypasses_the_agents_cache(backend):
    value()
    backend["db"].update("new")

    assert value("/secretsmanager/get?secretId=db&refreshNow=true") == "new"
    assert value() == "new"


def test_the_extensions_cache_ttl_can_be_changed(backend):
    with backend.serve_extension(ttl=timedelta(0)):
        value()
        backend["db"].update("new")

        assert value() == "new"


def test_the_extension_does_not_serve_a_value_undone_by_a_savepoint(backend, extension):
    with backend.savepoint():
        backend.clock.advance(seconds=1)
        backend["db"].update("inside")
        value()

    assert value() == "s3cret"


@behaviour(EXTENSION, "1000 values are cached", "AWS-DOC", GUIDE)
def test_the_extension_caches_at_most_a_thousand_values(backend, extension):
    backend.seed({f"s{number}": "1" for number in range(1000)})
    value()
    for number in range(1000):
        value(f"/v1/s{number}")

    assert len(extension._extension._kept) == 1000
    value()
    assert len(backend.calls.of("GetSecretValue")) == 1002


@behaviour(
    AGENT, "a wrong token: 403; another method than GET: 405; X-Forwarded-For: 400; /ping: 200", "AWS-DOC", README
)
@behaviour(AGENT, "an unknown path: 404", "GUESS", "no source names it", decided_by="the Lambda extension")
@behaviour(
    EXTENSION,
    "it refuses with the statuses and the words of the agent",
    "GUESS",
    README,
    decided_by="the Lambda extension",
)
@behaviour(
    EXTENSION,
    "a request without a secret: 400",
    "GUESS",
    "no source names the status or the words",
    decided_by="the Lambda extension",
)
@pytest.mark.usefixtures("extension")
@rows(
    "asked, status, text",
    [
        ({"path": "/secretsmanager/get?secretId=db", "headers": {}}, 403, "Bad Token"),
        ({"path": "/secretsmanager/get?secretId=db", "headers": {TOKEN: "other"}}, 403, "Bad Token"),
        ({"path": "/secretsmanager/get"}, 400, "secretId is missing"),
        ({"path": "/systemsmanager/parameters/get?name=db"}, 404, "Not found"),
        ({"path": "/v1/db", "method": "POST"}, 405, "Not allowed"),
        ({"path": "/ping", "headers": {}}, 200, "healthy"),
        ({"path": "/v1/db", "headers": {"X-Forwarded-For": "10.0.0.1"}}, 400, "Forwarded"),
    ],
)
def test_bad_requests_and_pings_get_the_extensions_status_and_text(asked, status, text):
    assert ask(**asked) == (status, text)


@behaviour(AGENT, "an error of the service is passed on with its status, code and sentence", "AWS-DOC", README)
@behaviour(
    EXTENSION,
    "an error of the service is passed on as the agent does, and is not cached",
    "GUESS",
    README,
    decided_by="the Lambda extension",
)
@pytest.mark.usefixtures("extension")
def test_the_extension_passes_on_service_errors_without_caching_them(backend):
    status, body = ask("/v1/none")

    assert (status, json.loads(body)["__type"]) == (400, "ResourceNotFoundException")
    assert json.loads(body)["message"] == "Secrets Manager can't find the specified secret."
    backend.create("none", "1")
    assert value("/v1/none") == "1"


@behaviour(
    EXTENSION,
    "no answer from the service: 502",
    "GUESS",
    "no source names the status",
    decided_by="the Lambda extension",
)
@pytest.mark.usefixtures("extension")
def test_a_network_fault_gives_a_502_from_the_extension(backend):
    with backend.fail("GetSecretValue", ReadTimeout()):
        assert ask("/v1/db")[0] == 502


def test_closing_the_extension_restores_the_environment(backend):
    before = dict(os.environ)

    extension = backend.serve_extension()
    assert os.environ["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"] == str(extension.port)
    extension.close()
    extension.close()

    assert dict(os.environ) == before


def test_the_extension_ends_with_the_mock(monkeypatch):
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    with mock_secrets(secrets={"db": "1"}) as backend:
        extension = backend.serve_extension()

    assert not extension.is_open
    assert "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT" not in os.environ
    assert "AWS_SESSION_TOKEN" not in os.environ


@rows("given, error", [({"ttl": 5}, TypeError), ({"ttl": timedelta(hours=2)}, ValueError), ({"port": -1}, ValueError)])
def test_the_extension_refuses_invalid_arguments(backend, given, error):
    before = dict(os.environ)

    with pytest.raises(error, match=next(iter(given))):
        backend.serve_extension(**given)
    assert dict(os.environ) == before
