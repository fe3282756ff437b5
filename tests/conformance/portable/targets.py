"""Where the scenarios run: an endpoint, or an account of AWS."""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from conformance.portable.names import ACCOUNT, REGION, of_a_run

ACCOUNT_VARIABLE = "MOCK_SECRETS_AWS_ACCOUNT"

#: A month of a secret is $0.40 and is billed by the hour; 10,000 calls are $0.05.
_SECRET_HOUR, _CALL = 0.40 / 730, 0.05 / 10_000
#: Of a scenario, on the average of a run against the mock, clean-up and the slower repeats of some included.
_SECRETS, _CALLS = 1.5, 12

PERMISSIONS = """\
on arn:aws:secretsmanager:*:{account}:secret:{run}*: secretsmanager:*; on *: secretsmanager:ListSecrets,
secretsmanager:BatchGetSecretValue, secretsmanager:GetRandomPassword, sts:GetCallerIdentity"""


@dataclass(frozen=True)
class Pace:
    """So many seconds after a write a read waits: one by a secret's name or ARN, and one of a list."""

    reads: float
    lists: float


AT_ONCE = Pace(0, 0)
#: AWS may show a write late, and lists more so. What differs is tried again more slowly, with other names.
OF_AWS = (Pace(0, 3), Pace(2, 15), Pace(10, 40))


@dataclass
class Target:
    """What answers.

    :ivar url: None is AWS.
    :ivar region: of the account that the scenarios take for us-east-1.
    :ivar run: what the names of all that this run makes begin with.
    :ivar paces: at which a scenario is tried, until it agrees.
    """

    url: str | None
    region: str = REGION
    account: str = ACCOUNT
    run: str = field(default_factory=of_a_run)
    paces: tuple[Pace, ...] = (AT_ONCE,)
    _session: Any = field(default_factory=botocore.session.Session, repr=False)

    @property
    def name(self) -> str:
        return f"AWS account {self.account}" if self.url is None else self.url

    def client(self, region: str, config: Config | None = None) -> Any:
        """A client of the service in a Region."""
        # An emulator that fails would be asked again and again. AWS throttles.
        settings = Config() if self.url is None else Config(retries={"total_max_attempts": 1}, read_timeout=30)
        return self._session.create_client(
            "secretsmanager",
            region_name=region,
            endpoint_url=self.url,
            config=settings.merge(config) if config else settings,
            **({} if self.url is None else _credentials()),
        )

    def delete(self, made: dict[str, set[str]]) -> dict[str, set[str]]:
        """Delete secrets by force, the home Region's first, for the others may be replicas of them.

        :returns: what is left.
        """
        left: dict[str, set[str]] = {}
        for region in sorted(made, key=lambda one: one != self.region):
            client = self.client(region)
            for name in sorted(made[region]):
                if not name.startswith(self.run):
                    raise AssertionError("a secret that this run did not make was to be deleted")
                if not _deleted(client, name):
                    left.setdefault(region, set()).add(name)
            client.close()
        return left


def endpoint(url: str, region: str) -> Target:
    """An endpoint, whose account a secret tells that is made for it.

    :raises pytest.UsageError: if nothing answers there.
    """
    target = Target(url, region)
    client, name = target.client(region), f"{target.run}probe"
    try:
        target.account = client.create_secret(Name=name)["ARN"].split(":")[4]
    except (BotoCoreError, ClientError) as error:
        raise pytest.UsageError(f"--endpoint-url {url}: no secret can be made there: {error}") from error
    _deleted(client, name)
    client.close()
    return target


def aws(region: str) -> Target:
    """The account of the credentials in force, if it is the one that was named.

    :raises pytest.UsageError: if none was, or it is another, or it is not AWS that would answer.
    """
    named = os.environ.get(ACCOUNT_VARIABLE)
    if not named:
        raise pytest.UsageError(
            f"--aws runs against a real account: name it, {ACCOUNT_VARIABLE}=<its 12 digits>, so that it can't be another."
        )
    target = Target(None, region, paces=OF_AWS)
    try:
        sts = target._session.create_client("sts", region_name=region)
        theirs = sts.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise pytest.UsageError(f"--aws: STS does not say whose the credentials are: {error}") from error
    if theirs != named:
        raise pytest.UsageError(
            f"--aws: the credentials are those of account {theirs}, and {ACCOUNT_VARIABLE} names {named}. Nothing was run."
        )
    for client in (sts, target.client(region)):
        url = client.meta.endpoint_url
        client.close()
        if not is_of_aws(url):
            raise pytest.UsageError(f"--aws: {url} is not AWS. Take AWS_ENDPOINT_URL away, or use --endpoint-url.")
    target.account = theirs
    return target


def is_of_aws(url: str) -> bool:
    """Whether AWS answers there. What another answers must not pass for its word."""
    host = urlsplit(url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


def announcement(target: Target, scenarios: int) -> str:
    """What a run against AWS will do, cost and need."""
    secrets, calls = round(scenarios * _SECRETS), scenarios * _CALLS
    return "\n".join(
        [
            f"{scenarios} scenarios run against {target.name} in {target.region}.",
            f"They make about {secrets} secrets, each named {target.run}..., and delete each by force; about {calls} calls.",
            f"Estimated cost: ${secrets * _SECRET_HOUR + calls * _CALL:.2f} (secrets by the hour, calls).",
            f"Permissions: {PERMISSIONS.format(account=target.account, run=target.run)}",
        ]
    )


def _credentials() -> dict[str, str]:
    """Those of the environment, for an endpoint that tells accounts by them; any others else."""
    return {
        "aws_access_key_id": os.environ.get("AWS_ACCESS_KEY_ID", "testing"),
        "aws_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY", "testing"),
    }


def _deleted(client: Any, name: str) -> bool:
    for _ in range(2):
        try:
            client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except client.exceptions.ResourceNotFoundException:
            return True
        except (BotoCoreError, ClientError):
            # Perhaps since it has replicas, or is one.
            with suppress(BotoCoreError, ClientError):
                described = client.describe_secret(SecretId=name)
                if regions := [one["Region"] for one in described.get("ReplicationStatus", [])]:
                    client.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=regions)
                else:
                    client.stop_replication_to_replica(SecretId=name)
        else:
            return True
    return False
