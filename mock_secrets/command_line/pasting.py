"""The lines to paste so that programs find the endpoint."""

from mock_secrets.transport.environment import SECRET_KEY
from mock_secrets.transport.processes import ENDPOINT_VARIABLE

# Any access key that belongs to no other account would do.
_ACCESS_KEY = "mock"


def lines_to_paste(url: str, region: str) -> str:
    """The lines for shells, docker compose and SDKs."""
    variables = {
        ENDPOINT_VARIABLE: url,
        "AWS_ACCESS_KEY_ID": _ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    shell = "\n".join(f"  export {name}={value}" for name, value in variables.items())
    compose = "\n".join(f"        {name}: {value}" for name, value in variables.items())
    return f"""\
Shell (all that SDKs from 2023 on need):
{shell}

docker compose (lets a container use the loopback interface of the host):
  services:
    app:
      network_mode: host
      environment:
{compose}

SDKs, without changing the environment:
  Python      boto3.client("secretsmanager", endpoint_url="{url}")
  JavaScript  new SecretsManagerClient({{ endpoint: "{url}" }})
  Java        SecretsManagerClient.builder().endpointOverride(URI.create("{url}"))
  Go          func(o *secretsmanager.Options) {{ o.BaseEndpoint = aws.String("{url}") }}
  AWS CLI     aws --endpoint-url {url} secretsmanager list-secrets
"""
