"""What stands in a scenario for the mock, where the service is elsewhere: all that a client can show or do."""

import json
import re
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from conformance.portable.names import ACCOUNT, REGION, Names
from conformance.portable.needs import KEY, NEEDS, needs
from conformance.portable.recording import Exchange
from conformance.portable.targets import Pace, Target

_READS = ("Get", "List", "Describe", "Batch", "Validate")
_SERVERS_OWN = 500
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ACCESS = "LastAccessedDate"
#: In a list of versions. The value of a version has its date of creation too, and moto lists the time of the call.
_DATES = frozenset({"CreatedDate", _ACCESS})


class Elsewhere:
    """As ``SecretsBackend`` for a scenario. What no client can do leaves the scenario out, with the reason.

    :param made: filled with the names by their Regions, as they are sent, of what the scenario may have made.
    :ivar exchanges: every call with its answer, as the scenario sees them.
    """

    account_id = ACCOUNT
    region = REGION

    def __init__(self, target: Target, names: Names, pace: Pace, made: dict[str, set[str]]) -> None:
        self.exchanges: list[Exchange] = []
        self._target = target
        self._names = names
        self._pace = pace
        self._made = made
        self._wrote_at: float | None = None
        self._clients: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        needs(NEEDS.get(name, f"the mock's own {name}"))

    def client(self, service: str = "secretsmanager", *, region_name: str = REGION, config: Any = None) -> Any:
        """A client whose calls go there under the names of this scenario."""
        if config is None and region_name in self._clients:
            return self._clients[region_name]
        region = self._names.exchange(region_name)
        client = self._target.client(region, config)
        events = client.meta.events

        def send(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any]:
            return self._send(model.name, params, context, region)

        def receive(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
            self._receive(model.name, parsed, context)

        events.register_last("provide-client-params.secrets-manager", send)
        events.register_first("after-call.secrets-manager", receive)
        self._clients[region_name if config is None else f"{region_name} {len(self._clients)}"] = client
        return client

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def create(
        self,
        name: str,
        value: Any = None,
        *,
        region: str = REGION,
        account_id: str = ACCOUNT,
        **metadata: Any,
    ) -> "FarSecret":
        if account_id != ACCOUNT:
            needs(NEEDS["session"])
        members = {"description": "Description", "kms_key_id": "KmsKeyId", "token": "ClientRequestToken"}
        params = {members[key]: given for key, given in metadata.items() if key != "tags" and given is not None}
        if metadata.get("tags") is not None:
            params["Tags"] = [{"Key": key, "Value": tag} for key, tag in metadata["tags"].items()]
        self.client(region_name=region).create_secret(Name=name, **params, **_value_member(value))
        return self.secret(name, region=region)

    def secret(self, secret_id: str, *, region: str = REGION, account_id: str = ACCOUNT) -> "FarSecret":
        if account_id != ACCOUNT:
            needs(NEEDS["session"])
        return FarSecret(self.client(region_name=region), secret_id)

    def __getitem__(self, secret_id: str) -> "FarSecret":
        return self.secret(secret_id)

    def __contains__(self, secret_id: str) -> bool:
        return "Error" not in _answer(self.client().describe_secret, SecretId=secret_id)

    def __iter__(self) -> Any:
        needs(NEEDS["service"])

    def snapshot(self, name: str) -> list[Any]:
        """All of a secret that a client can see and that reading leaves as it is."""
        client = self.client()
        versions = _answer(client.list_secret_version_ids, SecretId=name, IncludeDeprecated=True, MaxResults=100)
        ids = sorted(one["VersionId"] for one in versions.get("Versions", []))
        return [
            _answer(client.describe_secret, SecretId=name),
            versions,
            [_answer(client.get_secret_value, SecretId=name, VersionId=one) for one in ids],
            _answer(client.get_resource_policy, SecretId=name),
        ]

    def _send(self, operation: str, params: dict[str, Any], context: dict[str, Any], region: str) -> dict[str, Any]:
        if operation == "PutResourcePolicy" and '"Deny"' in str(params.get("ResourcePolicy")):
            # It would keep the run from deleting what it made.
            needs("a policy that denies")
        if any(isinstance(one, dict) and one.get("Key") == "all" for one in params.get("Filters") or ()):
            # It reads a name word by word, and what stands before it may change which words those are.
            needs("names of its own")
        self._wait(operation)
        context["asked"] = params
        sent = self._names.out(operation, params)
        if operation == "CreateSecret" and str(sent.get("Name")).startswith(self._names.prefix):
            made = self._made.setdefault(region, set())
            if sent["Name"] not in made:
                # Before the answer, which may be lost.
                made.add(sent["Name"])
                context["making"] = made, sent["Name"]
        for replica in sent.get("AddReplicaRegions") or []:
            if isinstance(place := replica.get("Region"), str) and _REGION.fullmatch(place):
                # Promoted it is a secret like others.
                self._made.setdefault(place, set()).update(self._made.get(region, ()))
        return sent

    def _receive(self, operation: str, parsed: dict[str, Any], context: dict[str, Any]) -> None:
        asked = context.get("asked", {})
        seen = self._names.back(operation, parsed)
        parsed.clear()
        parsed.update(seen)
        if not operation.startswith(_READS):
            self._wrote_at = time.monotonic()
        status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode")
        self.exchanges.append(Exchange(operation, asked, seen, status))
        if "Error" in parsed and "making" in context and status is not None and status < _SERVERS_OWN:
            # After an error of the server's own it may be there all the same.
            made, name = context["making"]
            made.discard(name)
        if "Error" in parsed and _names_a_key(asked) and _is_about_a_key(parsed["Error"]):
            needs(KEY)

    def _wait(self, operation: str) -> None:
        """Give a write the time that it may need until everybody sees it."""
        if self._wrote_at is None or not operation.startswith(_READS):
            return
        lists = operation in ("ListSecrets", "BatchGetSecretValue")
        due = self._wrote_at + (self._pace.lists if lists else self._pace.reads)
        time.sleep(max(0.0, due - time.monotonic()))


class FarSecret:
    """As ``StoredSecret``, seen through a client."""

    def __init__(self, client: Any, secret_id: str) -> None:
        self._client = client
        self._id = secret_id

    @property
    def arn(self) -> str:
        return str(self._described["ARN"])

    @property
    def description(self) -> str:
        return str(self._described.get("Description", ""))

    @property
    def tags(self) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self._described.get("Tags", [])}

    @property
    def value(self) -> Any:
        return self._read()

    @property
    def json(self) -> Any:
        return json.loads(self._read())

    @property
    def versions(self) -> list[Any]:
        asked: dict[str, Any] = {"SecretId": self._id, "IncludeDeprecated": True}
        page = self._client.list_secret_version_ids(**asked)
        found = page["Versions"]
        while "NextToken" in page:
            page = self._client.list_secret_version_ids(**asked, NextToken=page["NextToken"])
            found += page["Versions"]
        found.sort(key=lambda version: version["CreatedDate"])
        return [
            SimpleNamespace(
                id=one["VersionId"],
                stages=tuple(one.get("VersionStages", ())),
                value=self._read(VersionId=one["VersionId"]),
            )
            for one in found
        ]

    @property
    def stages(self) -> dict[str, Any]:
        return {label: version for version in self.versions for label in version.stages}

    def update(self, value: Any, *, token: str | None = None) -> None:
        self._client.update_secret(SecretId=self._id, **_value_member(value), **_token_member(token))

    def put(self, value: Any, *, stages: Any = None, token: str | None = None) -> None:
        labels = {} if stages is None else {"VersionStages": list(stages)}
        self._client.put_secret_value(SecretId=self._id, **_value_member(value), **_token_member(token), **labels)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        needs(NEEDS.get(name, NEEDS["service"]))

    @property
    def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = self._client.describe_secret(SecretId=self._id)
        return described

    def _read(self, **version: str) -> Any:
        answer = self._client.get_secret_value(SecretId=self._id, **version)
        return answer.get("SecretString", answer.get("SecretBinary"))


def _names_a_key(asked: dict[str, Any]) -> bool:
    """Whether it is one that somebody would have to make."""
    return asked.get("KmsKeyId", "") not in ("", "alias/aws/secretsmanager")


def _is_about_a_key(error: dict[str, Any]) -> bool:
    return any(word in f"{error.get('Code')} {error.get('Message')}".lower() for word in ("kms", "encrypt", "key id"))


def _answer(call: Any, **params: Any) -> Any:
    """What a client gets, be it an error, without dates that the look itself moves."""
    try:
        answer = call(**params)
    except ClientError as error:
        return {"Error": error.response["Error"]["Code"]}
    shown = {name: one for name, one in answer.items() if name not in ("ResponseMetadata", _ACCESS)}
    if "Versions" in shown:
        shown["Versions"] = sorted(
            ({name: one for name, one in version.items() if name not in _DATES} for version in shown["Versions"]),
            key=lambda version: version["VersionId"],
        )
    return shown


def _value_member(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, bytes):
        return {"SecretBinary": value}
    return {"SecretString": json.dumps(value) if isinstance(value, Mapping) else value}


def _token_member(token: str | None) -> dict[str, str]:
    return {} if token is None else {"ClientRequestToken": token}
