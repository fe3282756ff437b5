"""An inventory of an account's secrets: for each team, how many have not been changed or used for a while.

    python inventory.py --days 90 --tag team=core --read

Secrets Manager shows when a secret was last changed and last read, but only for one secret at a time. This script lists
them all, page by page with ListSecrets, and counts them by the tag ``team``. With ``--read`` it also reads the values,
20 at a time, and counts those that several secrets share.

Reading a value counts as an access and sets LastAccessedDate, as any application does. So the script lists the secrets
before it reads a value. In an account whose values it reads every day, no secret will look unused.
"""

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any

import boto3

TEAM = "team"
NOBODY = "(no team)"
BATCH_SIZE = 20


@dataclass(frozen=True)
class Entry:
    """One secret, as ListSecrets shows it."""

    name: str
    arn: str
    team: str
    changed_at: datetime
    used_at: datetime

    def is_unrotated(self, since: datetime) -> bool:
        return self.changed_at < since

    def is_unused(self, since: datetime) -> bool:
        return self.used_at < since


@dataclass(frozen=True)
class Values:
    """The results of reading: a digest of each value by its secret's ARN, and an error code for each failure."""

    digests: dict[str, str] = field(repr=False)
    failures: dict[str, str]

    def shared(self) -> set[str]:
        """The ARNs of secrets that have the same value as another secret."""
        count = Counter(self.digests.values())
        return {arn for arn, digest in self.digests.items() if count[digest] > 1}


@dataclass
class TeamReport:
    """The numbers of one team."""

    secrets: int = 0
    unrotated: int = 0
    unused: int = 0
    shared: int = 0
    unreadable: int = 0


def list_entries(client: Any, tags: dict[str, str] | None = None) -> Iterator[Entry]:
    """All secrets in the client's account and region that have these tags.

    The filters of ListSecrets match prefixes, and key and value need not belong to the same tag. So they only shorten
    the list, and the tags themselves are compared here.
    """
    tags = tags or {}
    filters = [{"Key": "tag-key", "Values": [key]} for key in tags]
    filters += [{"Key": "tag-value", "Values": [value]} for value in tags.values()]
    for page in client.get_paginator("list_secrets").paginate(Filters=filters):
        for listed in page["SecretList"]:
            there = {tag["Key"]: tag["Value"] for tag in listed.get("Tags", [])}
            if tags.items() <= there.items():
                yield _entry(listed, there)


def _entry(listed: dict[str, Any], tags: dict[str, str]) -> Entry:
    return Entry(
        name=listed["Name"],
        arn=listed["ARN"],
        team=tags.get(TEAM, NOBODY),
        changed_at=listed["LastChangedDate"],
        # A secret that was never read has no such date, and counts as unused since its creation.
        used_at=listed.get("LastAccessedDate", listed["CreatedDate"]),
    )


def read_values(client: Any, entries: Iterable[Entry]) -> Values:
    """Read the current value of each secret, in batches. A secret that can't be read does not stop the others."""
    digests, failures = {}, {}
    remaining = iter(entries)
    while batch := [entry.arn for entry in islice(remaining, BATCH_SIZE)]:
        answer = client.batch_get_secret_value(SecretIdList=batch)
        for value in answer["SecretValues"]:
            digests[value["ARN"]] = _digest(value)
        for error in answer["Errors"]:
            failures[error["SecretId"]] = error["ErrorCode"]
    return Values(digests, failures)


def _digest(value: dict[str, Any]) -> str:
    secret = value["SecretBinary"] if "SecretBinary" in value else value["SecretString"].encode()
    return hashlib.sha256(secret).hexdigest()


def by_team(entries: Iterable[Entry], since: datetime, values: Values | None = None) -> dict[str, TeamReport]:
    """Count the secrets of each team; the team with the most unrotated ones comes first.

    :param since: secrets not changed since then count as unrotated, and secrets not read since then as unused.
    """
    reports: dict[str, TeamReport] = {}
    shared = values.shared() if values else set()
    failed = values.failures if values else {}
    for entry in entries:
        report = reports.setdefault(entry.team, TeamReport())
        report.secrets += 1
        report.unrotated += entry.is_unrotated(since)
        report.unused += entry.is_unused(since)
        report.shared += entry.arn in shared
        report.unreadable += entry.arn in failed
    return dict(sorted(reports.items(), key=lambda team: (-team[1].unrotated, team[0])))


def table(reports: dict[str, TeamReport]) -> str:
    lines = [f"{'team':<20}{'secrets':>10}{'unrotated':>12}{'unused':>10}{'shared':>10}{'unreadable':>12}"]
    lines += [
        f"{team:<20}{one.secrets:>10}{one.unrotated:>12}{one.unused:>10}{one.shared:>10}{one.unreadable:>12}"
        for team, one in reports.items()
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None, now: datetime | None = None) -> None:
    parser = argparse.ArgumentParser(description="Count stale secrets for each team.")
    parser.add_argument("--days", type=int, default=90, help="after how many days a secret counts as stale")
    parser.add_argument("--tag", action="append", default=[], help="only secrets with this tag, key=value")
    parser.add_argument("--read", action="store_true", help="also read the values, and count shared ones")
    options = parser.parse_args(arguments)
    client = boto3.client("secretsmanager")
    entries = list(list_entries(client, dict(tag.split("=", 1) for tag in options.tag)))
    values = read_values(client, entries) if options.read else None
    since = (now or datetime.now(timezone.utc)) - timedelta(days=options.days)
    print(table(by_team(entries, since, values)))


if __name__ == "__main__":
    main()
