"""What no client can send, and states to which no operation leads yet."""

import json
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conformance.portable.elsewhere import Elsewhere

from mock_secrets import SecretsBackend
from mock_secrets.model.secret import Secret
from mock_secrets.model.versions import Version
from mock_secrets.transport.hook import respond

_URL = "https://secretsmanager.us-east-1.amazonaws.com/"


def post(operation: str, body: Any, **headers: str | None) -> Any:
    """The response to a request whose members are sent as they are. A header that is None is left out."""
    return post_bytes(json.dumps(body).encode(), **{"X-Amz-Target": f"secretsmanager.{operation}"}, **headers)


def post_bytes(body: bytes | None, *, signed: bool = True, region: str = "us-east-1", **headers: str | None) -> Any:
    """The response to a request with this body, whatever it is."""
    given = {"Content-Type": "application/x-amz-json-1.1", **headers}
    request = AWSRequest(
        "POST", _URL, data=body, headers={name: text for name, text in given.items() if text is not None}
    )
    if signed:
        SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "secretsmanager", region).add_auth(request)
    return respond(request.prepare())


def members(answer: dict[str, Any]) -> dict[str, Any]:
    """What boto3 gives for an answer, without what boto3 adds."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def stored(backend: SecretsBackend, name: str = "db") -> Secret:
    """The secret in the model."""
    return backend.service.state.store.find(name, account_id=backend.account_id, region=backend.region)


def begin_rotation(backend: SecretsBackend, version_id: str, name: str = "db") -> None:
    """Leave what a rotation leaves when it has begun: a version AWSPENDING without a value."""
    versions = stored(backend, name).versions
    version = Version(version_id, None, backend.clock.now(), ["DefaultEncryptionKey"])
    versions._by_id[version_id] = version
    versions._attach("AWSPENDING", version)


def at_a_quota(test: Any) -> Any:
    """A test that fills a quota: without the warning that says so, and without the retries of boto3.

    All of boto3's retry modes but legacy try again, with pauses, after a LimitExceededException.
    """
    return pytest.mark.usefixtures("without_retries")(
        pytest.mark.filterwarnings("ignore::mock_secrets.UpdateRateWarning")(test)
    )


def snapshot(backend: SecretsBackend | Elsewhere, name: str = "db") -> list[Any]:
    """All that a failed call must leave as it was."""
    if isinstance(backend, Elsewhere):
        return backend.snapshot(name)
    secret = stored(backend, name)
    metadata = [secret.arn, secret.description, secret.kms_key_id, secret.type, secret.tags]
    dates = [secret.created_at, secret.changed_at, secret.accessed_on, secret.deleted_at, secret.purged_at]
    return [
        *metadata,
        *dates,
        *[(v.id, v.value, v.created_at, set(v.labels), list(v.key_ids), v.accessed_on) for v in secret.versions],
    ]


def replicated(backend: SecretsBackend, name: str = "db") -> None:
    """Make a secret the replica of one in another region."""
    stored(backend, name).primary_region = "eu-west-1"


def all_versions(client: Any, **request: Any) -> list[dict[str, Any]]:
    """The versions of all pages of ListSecretVersionIds."""
    answer = client.list_secret_version_ids(**{"SecretId": "db", **request})
    versions = answer["Versions"]
    while "NextToken" in answer:
        answer = client.list_secret_version_ids(**{"SecretId": "db", **request, "NextToken": answer["NextToken"]})
        versions += answer["Versions"]
    return versions
