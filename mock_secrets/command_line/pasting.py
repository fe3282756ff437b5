"""What to paste, so that programs find the endpoint."""

from mock_secrets.transport.environment import SECRET_KEY
from mock_secrets.transport.processes import ENDPOINT_VARIABLE

# Any would do that is not another account's.
_ACCESS_KEY = "mock"


def lines_to_paste(url: str, region: str) -> str:
    """For shells, docker compose and SDKs."""
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
Shell; SDKs of 2023 and later need no more:
{shell}

docker compose; a container shares the loopback of the host so:
  services:
    app:
      network_mode: host
      environment:
{compose}

SDKs, where the environment is not to be changed:
  Python      boto3.client("secretsmanager", endpoint_url="{url}")
  JavaScript  new SecretsManagerClient({{ endpoint: "{url}" }})
  Java        SecretsManagerClient.builder().endpointOverride(URI.create("{url}"))
  Go          func(o *secretsmanager.Options) {{ o.BaseEndpoint = aws.String("{url}") }}
  AWS CLI     aws --endpoint-url {url} secretsmanager list-secrets
"""
