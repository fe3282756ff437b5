"""How a program is started that is to find the endpoint by its environment alone."""

import os
import subprocess

# Of nobody's machine: real profiles and keys are out of reach.
_OWN = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COVERAGE", "COV_"))}


def environment(url, folder):
    """As ``mock-secrets serve`` prints it. :param folder: where there are no files of configuration."""
    return {
        **_OWN,
        "HOME": str(folder),
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": url,
        "AWS_ACCESS_KEY_ID": "mock",
        "AWS_SECRET_ACCESS_KEY": "mock",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


def run(command, environment, **how):
    """:returns: what it wrote; a program that fails is an error which tells what it complained of."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60, **how)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout
