"""Headers that HTTP could not carry."""

import json

from botocore.config import Config
from tables import rows


@rows("text", ["\ud800", "ü\udcff"])
def test_cloudtrail_is_valid_json_whatever_the_user_agent(secrets_backend, text):
    client = secrets_backend.client(config=Config(user_agent_extra=text))

    client.create_secret(Name="db", SecretString="s3cret")

    (line,) = secrets_backend.cloudtrail.to_json_lines().splitlines()
    assert json.loads(line)["eventName"] == "CreateSecret"
