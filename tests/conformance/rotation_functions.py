"""Rotation functions for the scenarios: AWS's published template, and databases whose users really change."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
NAME = "rotator"


class AuthenticationFailed(Exception):
    pass


class Database:
    """A SQLite file with a table of users, who change passwords by logging in."""

    def __init__(self, path: Path, **users: str) -> None:
        self._path = path
        self._execute("create table users (name text primary key, password text)")
        for name, password in users.items():
            self.set_password(name, password)

    def log_in(self, name: str, password: str) -> None:
        if not self._execute("select 1 from users where name = ? and password = ?", name, password):
            raise AuthenticationFailed(name)

    def accepts(self, name: str, password: str) -> bool:
        try:
            self.log_in(name, password)
        except AuthenticationFailed:
            return False
        return True

    def set_password(self, name: str, password: str) -> None:
        self._execute("insert or replace into users values (?, ?)", name, password)

    def users(self) -> dict[str, str]:
        return dict(self._execute("select name, password from users"))

    def _execute(self, statement: str, *params: str) -> list[Any]:
        connection = sqlite3.connect(self._path)
        try:
            with connection:
                return connection.execute(statement, params).fetchall()
        finally:
            connection.close()


class Template:
    """A ``lambda_handler``, from the description of AWS's template for rotation functions.

    :param client: what it calls Secrets Manager with.
    :param removes_pending: AWS's older templates leave AWSPENDING on the version that became AWSCURRENT.
    :param during: what else happens when a step begins, by the step's name; it is given the event.
    """

    def __init__(
        self, client: Any, *, removes_pending: bool = False, **during: Callable[[dict[str, Any]], Any]
    ) -> None:
        self.client = client
        self.removes_pending = removes_pending
        self.during = during
        self.events: list[dict[str, Any]] = []
        self.contexts: list[Any] = []

    @property
    def steps(self) -> list[str]:
        return [event["Step"] for event in self.events]

    def __call__(self, event: dict[str, Any], context: Any) -> None:
        self.events.append(event)
        self.contexts.append(context)
        step, arn, token = event["Step"], event["SecretId"], event["ClientRequestToken"]
        if step in self.during:
            self.during[step](event)
        described = self.client.describe_secret(SecretId=arn)
        if not described["RotationEnabled"]:
            raise ValueError(f"Secret {arn} is not enabled for rotation")
        stages = described["VersionIdsToStages"]
        if token not in stages:
            raise ValueError(f"Secret version {token} has no stage for rotation of secret {arn}.")
        if "AWSCURRENT" in stages[token]:
            return
        if "AWSPENDING" not in stages[token]:
            raise ValueError(f"Secret version {token} not set as AWSPENDING for rotation of secret {arn}.")
        actions = dict(
            zip(STEPS, (self.create_secret, self.set_secret, self.test_secret, self.finish_secret), strict=True)
        )
        if step not in actions:
            raise ValueError("Invalid step parameter")
        actions[step](arn, token)

    def create_secret(self, arn: str, token: str) -> None:
        current = self.client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"]
        try:
            self.client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        except self.client.exceptions.ResourceNotFoundException:
            password = self.client.get_random_password(ExcludeCharacters="/@\"'\\")["RandomPassword"]
            self.client.put_secret_value(
                SecretId=arn,
                ClientRequestToken=token,
                SecretString=self.new_value(current, password),
                VersionStages=["AWSPENDING"],
            )

    def new_value(self, current: str, password: str) -> str:
        return password

    def set_secret(self, arn: str, token: str) -> None:
        """Nothing to change but the secret."""

    def test_secret(self, arn: str, token: str) -> None:
        """Nothing to try it on."""

    def finish_secret(self, arn: str, token: str) -> None:
        stages = self.client.describe_secret(SecretId=arn)["VersionIdsToStages"]
        current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
        self.client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
        if self.removes_pending:
            self.client.update_secret_version_stage(SecretId=arn, VersionStage="AWSPENDING", RemoveFromVersionId=token)

    def read(self, arn: str, stage: str) -> dict[str, str]:
        return json.loads(self.client.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"])


class SingleUser(Template):
    """The user of the secret changes its own password."""

    def __init__(self, client: Any, database: Database, **options: Any) -> None:
        super().__init__(client, **options)
        self.database = database

    def new_value(self, current: str, password: str) -> str:
        return json.dumps({**json.loads(current), "password": password})

    def set_secret(self, arn: str, token: str) -> None:
        pending, current = self.read(arn, "AWSPENDING"), self.read(arn, "AWSCURRENT")
        if not self.database.accepts(**_login(pending)):
            self.database.log_in(**_login(current))
            self.database.set_password(**_login(pending))

    def test_secret(self, arn: str, token: str) -> None:
        self.database.log_in(**_login(self.read(arn, "AWSPENDING")))


class AlternatingUsers(SingleUser):
    """A superuser, who has a secret of its own, changes the password of the user and of its clone by turns."""

    def new_value(self, current: str, password: str) -> str:
        value = json.loads(current)
        name = value["username"]
        other = name.removesuffix("_clone") if name.endswith("_clone") else f"{name}_clone"
        return json.dumps({**value, "username": other, "password": password})

    def set_secret(self, arn: str, token: str) -> None:
        pending = self.read(arn, "AWSPENDING")
        self.database.log_in(**_login(self.read(pending["masterarn"], "AWSCURRENT")))
        self.database.set_password(**_login(pending))


def idle(event: dict[str, Any], context: Any) -> None:
    """A handler that returns from every step and does nothing."""


def failing(*_: Any) -> None:
    """What a step does that fails."""
    raise RuntimeError("the database is down")


def _login(value: dict[str, str]) -> dict[str, str]:
    return {"name": value["username"], "password": value["password"]}
