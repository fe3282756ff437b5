"""The shop's settings, read from one JSON secret by a client that is created when it is needed."""

import json
from dataclasses import dataclass, field, fields

import boto3

SECRET = "shop/settings"


class SettingsError(Exception):
    """The settings can't be read. The message says what is wrong, and never shows a value."""


@dataclass(frozen=True)
class Settings:
    payment_url: str
    payment_key: str = field(repr=False)


def load_settings(secret_id: str = SECRET) -> Settings:
    """Read the settings.

    :raises SettingsError: if the secret is missing, is not a JSON object, or lacks a setting.
    """
    client = boto3.client("secretsmanager")
    try:
        answer = client.get_secret_value(SecretId=secret_id)
    except client.exceptions.ResourceNotFoundException:
        raise SettingsError(f"there is no secret {secret_id!r} in {client.meta.region_name}") from None
    return _settings(secret_id, answer.get("SecretString", ""))


def _settings(secret_id: str, text: str) -> Settings:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise SettingsError(f"the secret {secret_id!r} is not a JSON object")
    wanted = [setting.name for setting in fields(Settings)]
    missing = [name for name in wanted if name not in document]
    if missing:
        raise SettingsError(f"the secret {secret_id!r} lacks {', '.join(missing)}")
    return Settings(**{name: document[name] for name in wanted})
