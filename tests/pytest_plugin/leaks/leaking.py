"""A call that leaks a secret value, in this process and in a test module."""

import boto3

VALUE = "corr3ct-h0rse"
SENTENCE = "CreateSecret put the value of secret 'db' into description, which CloudTrail logs"

# The value is put together where it is used, so that no line of source in a report holds it.
LEAK = """
import asyncio
import unittest
from mock_secrets import SecretLeaked

def leak(name="db"):
    value = "-".join(["corr3ct", "h0rse"])
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=value, Description=f"with {value}")
"""


def leak(name="db", description=VALUE):
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=VALUE, Description=description)
