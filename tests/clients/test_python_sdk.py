"""The preview of AWS's SDK for Python that is made by Smithy, for Python 3.12 and newer."""

import sys

import pytest
from clients.environment import environment, run
from command_line.served import served

pytest.importorskip(
    "aws_sdk_secrets_manager", reason="aws-sdk-secrets-manager is not installed: tox run -e clients has it"
)

PROGRAM = """
import asyncio
import sys
from aws_sdk_secrets_manager.client import AsyncSecretsManagerClient
from aws_sdk_secrets_manager.config import AsyncSecretsManagerConfig
from aws_sdk_secrets_manager import models

async def main(url):
    config = await AsyncSecretsManagerConfig.resolve(
        endpoint_uri=url, region="us-east-1", aws_access_key_id="mock", aws_secret_access_key="mock"
    )
    client = AsyncSecretsManagerClient(config=config)
    await client.create_secret(models.CreateSecretInput(name="db", secret_string="s3cret", client_request_token="0" * 32))
    answer = await client.get_secret_value(models.GetSecretValueInput(secret_id="db"))
    print(answer.secret_string, answer.created_date.year)
    try:
        await client.get_secret_value(models.GetSecretValueInput(secret_id="none"))
    except models.ResourceNotFoundException as error:
        print(error.message)

asyncio.run(main(sys.argv[1]))
"""


def test_the_python_sdk_reads_writes_and_is_refused(tmp_path):
    with served("--at", "2026-01-01T00:00:00Z") as server:
        url = server.endpoint.url
        out = run([sys.executable, "-c", PROGRAM, url], environment(url, tmp_path))

        assert out.splitlines() == ["s3cret 2026", "Secrets Manager can't find the specified secret."]
        assert server.backend["db"].value == "s3cret"
