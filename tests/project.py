"""A project of its own in which pytest runs, as a user of the plugin would run it."""

from textwrap import dedent

PARAMETERS = ["region", "account_id", "secrets", "at", "token_reuse", "limits", "passthrough", "seed"]
# Plugins of this environment that have no part in it, and whose start takes its time.
WITH_ASYNCIO = ("-p", "no:hypothesispytest", "-p", "no:time_machine")
QUICK = (*WITH_ASYNCIO, "-p", "no:asyncio")
SCOPES = ["class", "module", "package", "session"]

HEAD = """
import os
import boto3
import pytest
from mock_secrets import Limits, mock_secrets
from mock_secrets.activation import running

def create(name, value="s3cret"):
    return boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)

def read(name):
    return boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]

def held():
    return sorted(secret.name for secret in running())
"""


class Project:
    def __init__(self, pytester):
        self.pytester = pytester

    def run(self, body, *arguments, ini="", asyncio=False, **how):
        """Run the test module, or each of several, as a user of the plugin would, warnings being errors.

        :param how: what ``pytester.inline_run`` takes.
        """
        bodies = body if isinstance(body, list) else [body]
        if asyncio:
            ini += "\nasyncio_default_fixture_loop_scope = function"
        self.pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ini}\n")
        for of_another_run in self.pytester.path.glob("test_it*.py"):
            of_another_run.unlink()
        names = ["test_it", *(f"test_it_{number}" for number in range(2, len(bodies) + 1))]
        self.pytester.makepyfile(
            **{name: f"{HEAD}\n\n{dedent(each)}" for name, each in zip(names, bodies, strict=True)}
        )
        return self.pytester.runpytest_inprocess(*(WITH_ASYNCIO if asyncio else QUICK), *arguments, **how)


def output(result):
    return result.stdout.str() + result.stderr.str()


def reports(result):
    """What is told of each test that failed."""
    return [report.longreprtext for report in result.reprec.getfailures()]


def shows_nothing_of_ours(result):
    """Whether the report holds no line of this package's source."""
    return not any(name in output(result) for name in ("activation.py", "pytest_plugin.py", "backend.py", "options.py"))
