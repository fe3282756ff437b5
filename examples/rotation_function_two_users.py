"""The application under test: a rotation function that alternates between two users of a SQLite database.

While one user gets a new password, the other user's password keeps working, so that no application is refused. The
secret is a JSON object with ``database`` (the file), ``username``, ``password`` and ``masterarn``, the ARN of the
superuser's secret.
"""

import json
import os
import sqlite3
from contextlib import closing
from typing import Any

import boto3
from rotation_function import AuthenticationFailed, credentials, finish_secret, log_in, pending_credentials

CLONE = "_clone"


def lambda_handler(event: dict[str, str], context: Any) -> None:
    client = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
    secret, token = event["SecretId"], event["ClientRequestToken"]
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if "AWSCURRENT" in stages[token]:
        return
    if "AWSPENDING" not in stages[token]:
        raise ValueError(f"version {token} of {secret} is not AWSPENDING")
    STEPS[event["Step"]](client, secret, token)


def create_secret(client: Any, secret: str, token: str) -> None:
    """Store the other user with a new password in the pending version, unless an earlier attempt did."""
    try:
        client.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    except client.exceptions.ResourceNotFoundException:
        current = credentials(client, secret, "AWSCURRENT")
        name = current["username"]
        other = name.removesuffix(CLONE) if name.endswith(CLONE) else f"{name}{CLONE}"
        password = client.get_random_password(ExcludePunctuation=True)["RandomPassword"]
        value = {**current, "username": other, "password": password}
        client.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=["AWSPENDING"]
        )


def set_secret(client: Any, secret: str, token: str) -> None:
    """Give the other user the pending password, as the superuser."""
    pending = pending_credentials(client, secret, token)
    try:
        log_in(pending)
    except AuthenticationFailed:
        log_in(credentials(client, pending["masterarn"], "AWSCURRENT"))
        with closing(sqlite3.connect(pending["database"])) as database, database:
            database.execute("delete from users where name = ?", (pending["username"],))
            database.execute("insert into users values (?, ?)", (pending["username"], pending["password"]))


def test_secret(client: Any, secret: str, token: str) -> None:
    log_in(pending_credentials(client, secret, token))


STEPS = {
    "createSecret": create_secret,
    "setSecret": set_secret,
    "testSecret": test_secret,
    "finishSecret": finish_secret,
}
