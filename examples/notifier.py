"""The application under test: it sends messages with an API key, which it replaces itself.

Its permissions are in ``notifier_policy.json``, the policy that is deployed with it.
"""

from typing import Any

import boto3

SECRET = "notifier/api-key"
KEY = "alias/notifier"

client = boto3.client("secretsmanager", region_name="eu-west-1")


def send(text: str, post: Any) -> None:
    """Send a message.

    :param post: the provider's own client, ``post(text, api_key=...)``.
    """
    post(text, api_key=client.get_secret_value(SecretId=SECRET)["SecretString"])


def replace_key(new_key: str) -> None:
    """Store a new API key, encrypted with the notifier's own KMS key."""
    client.update_secret(SecretId=SECRET, SecretString=new_key, KmsKeyId=KEY)
