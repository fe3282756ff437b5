"""boto3 in a process of its own that finds ``mock-secrets serve`` by its environment alone."""

import sys

from clients.environment import environment, run
from command_line.served import served

PROGRAM = """
import boto3
client = boto3.client("secretsmanager")
client.create_secret(Name="db", SecretString="s3cret")
print(client.get_secret_value(SecretId="db")["SecretString"])
try:
    client.get_secret_value(SecretId="none")
except client.exceptions.ResourceNotFoundException as error:
    print(error.response["Error"]["Message"])
pages = client.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1})
print(sum(len(page["SecretList"]) for page in pages))
"""


def test_boto3_reads_and_writes_the_servers_secrets(tmp_path):
    with served() as server:
        server.backend.create("other", "o")
        out = run([sys.executable, "-c", PROGRAM], environment(server.endpoint.url, tmp_path))

        assert out.splitlines() == ["s3cret", "Secrets Manager can't find the specified secret.", "2"]
        assert server.backend["db"].value == "s3cret"
