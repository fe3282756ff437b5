"""Rotation functions in the order of AWS's own templates, written for these tests, and a resource without any library."""

import json

import boto3


class Database:
    """Users and their passwords."""

    def __init__(self):
        self.passwords = {}

    def reset(self):
        self.passwords = {"shop": "0ld"}

    def accepts(self, value):
        return self.passwords.get(value["username"]) == value["password"]


FIRST = {"username": "shop", "password": "0ld"}


class SingleUser:
    """One user, whose password is changed.

    A broken one inherits from it, and is wrong in one place.
    """

    def __init__(self, database):
        self.database = database

    def __call__(self, event, context):
        client = boto3.client("secretsmanager")
        secret, token = event["SecretId"], event["ClientRequestToken"]
        if self.checks(client, secret, token):
            return
        steps = {
            "createSecret": self.create,
            "setSecret": self.set,
            "testSecret": self.test,
            "finishSecret": self.finish,
        }
        steps[event["Step"]](client, secret, token)

    def checks(self, client, secret, token):
        """Whether there is nothing to do."""
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        if token not in stages:
            raise ValueError(f"version {token} has no stage")
        if "AWSCURRENT" in stages[token]:
            return True
        if "AWSPENDING" not in stages[token]:
            raise ValueError(f"version {token} is not AWSPENDING")
        return False

    def create(self, client, secret, token):
        current = self.read(client, secret, VersionStage="AWSCURRENT")
        try:
            self.read(client, secret, VersionId=token, VersionStage="AWSPENDING")
        except client.exceptions.ResourceNotFoundException:
            self.put(client, secret, token, {**current, "password": self.password(client)})

    def set(self, client, secret, token):
        pending = self.pending(client, secret, token)
        if self.database.accepts(pending):
            return
        current = self.read(client, secret, VersionStage="AWSCURRENT")
        if not self.database.accepts(current):
            raise ValueError("neither password is accepted")
        self.database.passwords[pending["username"]] = pending["password"]

    def test(self, client, secret, token):
        if not self.database.accepts(self.pending(client, secret, token)):
            raise ValueError("the pending password is not accepted")

    def finish(self, client, secret, token):
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
        if current != token:
            client.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
            )

    def pending(self, client, secret, token):
        return self.read(client, secret, VersionId=token, VersionStage="AWSPENDING")

    def put(self, client, secret, token, value):
        client.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=["AWSPENDING"]
        )

    @staticmethod
    def password(client):
        return client.get_random_password()["RandomPassword"]

    @staticmethod
    def read(client, secret, **version):
        return json.loads(client.get_secret_value(SecretId=secret, **version)["SecretString"])


class TwoUsers(SingleUser):
    """Two users in turns, made by a superuser whose secret ``masterarn`` names."""

    def create(self, client, secret, token):
        current = self.read(client, secret, VersionStage="AWSCURRENT")
        try:
            self.read(client, secret, VersionId=token, VersionStage="AWSPENDING")
        except client.exceptions.ResourceNotFoundException:
            name = current["username"]
            other = name.removesuffix("_clone") if name.endswith("_clone") else f"{name}_clone"
            self.put(client, secret, token, {**current, "username": other, "password": self.password(client)})

    def set(self, client, secret, token):
        pending = self.pending(client, secret, token)
        if self.database.accepts(pending):
            return
        current = self.read(client, secret, VersionStage="AWSCURRENT")
        if not self.database.accepts(current):
            raise ValueError("the current password is not accepted")
        master = self.read(client, current["masterarn"], VersionStage="AWSCURRENT")
        if not self.database.accepts(master):
            raise ValueError("the superuser is not accepted")
        self.database.passwords[pending["username"]] = pending["password"]
