"""The application under test: a rotation function for the user of a SQLite database, as deployed to Lambda.

Secrets Manager invokes it four times per rotation, once for each step. Any step may be invoked again after a failure,
so each first checks whether its work is already done. The secret is a JSON object with ``database`` (the file),
``username`` and ``password``; the table ``users`` has the columns ``name`` and ``password``.
"""

import json
import logging
import os
import sqlite3
from contextlib import closing
from typing import Any

import boto3

log = logging.getLogger(__name__)


class AuthenticationFailed(Exception):
    """The database does not accept the name and the password."""


def lambda_handler(event: dict[str, str], context: Any) -> None:
    client = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
    secret, token = event["SecretId"], event["ClientRequestToken"]
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if "AWSCURRENT" in stages[token]:
        log.info("version %s of %s is already AWSCURRENT", token, secret)
        return
    if "AWSPENDING" not in stages[token]:
        raise ValueError(f"version {token} of {secret} is not AWSPENDING")
    STEPS[event["Step"]](client, secret, token)


def create_secret(client: Any, secret: str, token: str) -> None:
    """Store a new password in the pending version, unless an earlier attempt did."""
    try:
        client.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    except client.exceptions.ResourceNotFoundException:
        password = client.get_random_password(ExcludeCharacters=os.environ.get("EXCLUDE_CHARACTERS", "/@\"'\\"))
        value = {**credentials(client, secret, "AWSCURRENT"), "password": password["RandomPassword"]}
        client.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=["AWSPENDING"]
        )


def set_secret(client: Any, secret: str, token: str) -> None:
    """Give the user the pending password, unless an earlier attempt did."""
    pending = pending_credentials(client, secret, token)
    try:
        log_in(pending)
    except AuthenticationFailed:
        log_in(credentials(client, secret, "AWSCURRENT"))
        with closing(sqlite3.connect(pending["database"])) as database, database:
            database.execute("update users set password = ? where name = ?", (pending["password"], pending["username"]))


def test_secret(client: Any, secret: str, token: str) -> None:
    log_in(pending_credentials(client, secret, token))


def finish_secret(client: Any, secret: str, token: str) -> None:
    """Make the pending version the current one."""
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
    client.update_secret_version_stage(
        SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )
    client.update_secret_version_stage(SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=token)


STEPS = {
    "createSecret": create_secret,
    "setSecret": set_secret,
    "testSecret": test_secret,
    "finishSecret": finish_secret,
}


def credentials(client: Any, secret: str, stage: str) -> dict[str, str]:
    return json.loads(client.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"])


def pending_credentials(client: Any, secret: str, token: str) -> dict[str, str]:
    """Read the pending version by id and by label, because somebody may have moved the label meanwhile."""
    answer = client.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    return json.loads(answer["SecretString"])


def log_in(user: dict[str, str]) -> None:
    """:raises AuthenticationFailed: if the database does not accept the credentials."""
    with closing(sqlite3.connect(user["database"])) as database:
        found = database.execute(
            "select 1 from users where name = ? and password = ?", (user["username"], user["password"])
        )
        if not found.fetchone():
            raise AuthenticationFailed(user["username"])
