"""The database's credentials: read through a cache, and changed in a way that can safely be repeated.

The client is created when this module is imported, as in many applications.
"""

import json
import time
import uuid
from dataclasses import asdict, dataclass, field, replace

import boto3

REGION = "eu-central-1"
SECRET = "shop/database"

client = boto3.client("secretsmanager", region_name=REGION)

_CHANGES = uuid.uuid5(uuid.NAMESPACE_DNS, "changes.shop.example")


class ChangedMeanwhile(Exception):
    """Somebody else changed the credentials after they were read. Read them again and retry."""


@dataclass(frozen=True)
class Credentials:
    """The credentials in one version of the secret."""

    username: str
    password: str = field(repr=False)
    version_id: str


def read_credentials() -> Credentials:
    answer = client.get_secret_value(SecretId=SECRET)
    return Credentials(**json.loads(answer["SecretString"]), version_id=answer["VersionId"])


def change_password(old: Credentials, password: str) -> Credentials:
    """Store a new password in place of the one that was read.

    The ClientRequestToken is derived from the version that was read. So if the same change is sent again after a
    timeout, it is the same request and creates no second version. And of two changes based on the same version, the
    second is refused instead of overwriting the first.

    :raises ChangedMeanwhile: if another change came first.
    """
    new = replace(old, password=password, version_id=token_after(old))
    value = asdict(new)
    token = value.pop("version_id")
    try:
        client.update_secret(SecretId=SECRET, SecretString=json.dumps(value), ClientRequestToken=token)
    except client.exceptions.ResourceExistsException:
        raise ChangedMeanwhile(f"{SECRET} was changed after version {old.version_id} was read") from None
    return new


def token_after(old: Credentials) -> str:
    """The token of the single change that may be based on a version."""
    return str(uuid.uuid5(_CHANGES, old.version_id))


class CredentialsCache:
    """The credentials, read again when they are older than ``max_age`` seconds."""

    def __init__(self, max_age: float = 300) -> None:
        self._max_age = max_age
        self._read_at = 0.0
        self._held: Credentials | None = None

    def get(self) -> Credentials:
        now = time.monotonic()
        if self._held is None or now - self._read_at >= self._max_age:
            self._held, self._read_at = read_credentials(), now
        return self._held

    def invalidate(self) -> None:
        """Read again at the next ``get``, for instance after the database refused a login."""
        self._held = None
