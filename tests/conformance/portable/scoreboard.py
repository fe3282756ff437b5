"""The scenarios against endpoints that can be had from the package index, and the page that tells how they fare.

``python -m conformance.portable.scoreboard mock_secrets moto ministack --page docs/scoreboard.md``, or ``tox run -e scoreboard``.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from conformance.fidelity import load
from conformance.portable.results import Case, Found, cases_of, found_by, without_unsupported

ROOT = Path(__file__).parents[3]
_PATIENCE = 60

#: What was added to the service in botocore 1.44.
_NEWEST = {"AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"}

PAGE = """\
# Scoreboard

The scenarios of `tests/conformance` that need only a client, run against endpoints that answer as AWS Secrets Manager: the
[portable suite](portable-suite.md) against each, on 127.0.0.1. Written by `tox run -e scoreboard` on {date}, with botocore {botocore} on
Python {python}.

{versions}

## How to read it

A cell is how many behaviours agree. Operations that a project documents as unsupported are in brackets and don't count as errors. A case
that could not run on one of the endpoints is counted for none. `tox run -e scoreboard` repeats everything. To see what an endpoint answered
where it differs:

```sh
pytest tests/conformance --endpoint-url http://127.0.0.1:4566 --results results.md
```

- The scenarios are ours, and mock_secrets was built along them. That it agrees with all of them shows that the suite is sound, and nothing more.
- We ran nothing against AWS. [FIDELITY.md](../tests/conformance/FIDELITY.md) names the source of each behaviour.
- A behaviour agrees if its scenario agrees in all cases that call its operation, down to the words of a message where AWS's are known. One that differs
  in a detail counts like one that differs altogether; cases are counted one by one in the table above.
- One rule can decide many scenarios. An endpoint that doesn't use ClientRequestToken as the VersionId, for example, differs in all that go on
  with that id.
- What came with a newer botocore than the one above is in none of the tables.
- What needs the clock, another identity, a KMS key, a rotation function or another account is in none of the tables: no client can bring it about.

## AWS-VERIFIED

Recorded from AWS, or asserted against it by a public test.

{verified}

## AWS-DOC and REPORTED

What AWS's documentation or service model says, or a public issue or log quotes.

{documented}

## GUESS

No evidence was found. This is what mock_secrets does, and an endpoint that differs is not wrong.

{guesses}
"""


@dataclass(frozen=True)
class Peer:
    """An endpoint of the package index.

    :ivar unsupported: the operations that its documentation leaves out.
    """

    package: str
    command: tuple[str, ...]
    documents: str
    environment: dict[str, str] = field(default_factory=dict)
    unsupported: frozenset[str] = frozenset()


PEERS = {
    "mock_secrets": Peer("mock_secrets", ("-m", "mock_secrets", "serve", "--port", "{port}"), "all"),
    "moto": Peer(
        "moto",
        ("-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"),
        "all but StopReplicationToReplica, ValidateResourcePolicy and what is new in botocore 1.44: its list of what is implemented",
        unsupported=frozenset({"StopReplicationToReplica", "ValidateResourcePolicy", *_NEWEST}),
    ),
    "ministack": Peer(
        "ministack",
        ("-m", "ministack"),
        "all but BatchGetSecretValue, CancelRotateSecret, RemoveRegionsFromReplication, StopReplicationToReplica and what is new in"
        " botocore 1.44: the table of operations in its README",
        {"GATEWAY_PORT": "{port}"},
        frozenset(
            {
                "BatchGetSecretValue",
                "CancelRotateSecret",
                "RemoveRegionsFromReplication",
                "StopReplicationToReplica",
                *_NEWEST,
            }
        ),
    ),
}


@contextmanager
def serving(peer: Peer) -> Iterator[str]:
    """The URL of an endpoint that runs for the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *(part.format(port=port) for part in peer.command)]
    environment = {name: text.format(port=port) for name, text in peer.environment.items()}
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - this Python
            command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log
        )
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up_at and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}: {process.args!r}")


def ran_against(peer: Peer, more: list[str]) -> list[Case]:
    """The cases of the scenarios against an endpoint."""
    with serving(peer) as url, tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "tests/conformance",
            "-q",
            "-rN",
            "--tb=no",
            "-p",
            "no:cacheprovider",
        ]
        subprocess.run(  # noqa: S603 - this Python
            [*command, "--endpoint-url", url, "--results", str(results), *more], cwd=ROOT, check=False
        )
        return without_unsupported(cases_of(json.loads(results.read_text(encoding="utf-8"))), peer.unsupported)


def that_ran_everywhere(cases: dict[str, list[Case]]) -> dict[str, list[Case]]:
    """What each endpoint is held to: the same as all others."""
    left_out = {
        (case.scenario, case.parameters)
        for of_one in cases.values()
        for case in of_one
        if case.verdict == "could not run"
    }
    return {
        name: [case for case in of_one if (case.scenario, case.parameters) not in left_out]
        for name, of_one in cases.items()
    }


def page(cases: dict[str, list[Case]], versions: dict[str, str]) -> str:
    """The page, from the cases that ran against each endpoint."""
    cases = that_ran_everywhere(cases)
    found = {name: found_by(of_one) for name, of_one in cases.items()}
    rows = ["| | version | operations by its own documentation | cases that agree |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {name} | {versions[name]} | {PEERS[name].documents} | {_agreeing(of_one)} |"
        for name, of_one in cases.items()
    ]
    return PAGE.format(
        date=f"{datetime.now(timezone.utc):%Y-%m-%d}",
        botocore=version("botocore"),
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        versions="\n".join(rows),
        verified=_table(found, {"AWS-VERIFIED"}),
        documented=_table(found, {"AWS-DOC", "REPORTED"}),
        guesses=_table(found, {"GUESS"}),
    )


def _version(package: str) -> str:
    """Without what a checkout adds to it."""
    return version(package).partition("+")[0]


def _agreeing(cases: list[Case]) -> str:
    counted = Counter(case.verdict for case in cases)
    return f"{counted['agrees']} of {counted['agrees'] + counted['differs']}"


def _table(found: dict[str, list[Found]], confidences: set[str]) -> str:
    """By operation, how many behaviours of such confidence agree."""
    counted: dict[str, dict[str, Counter[str]]] = {}
    for name, all_of_one in found.items():
        for one in all_of_one:
            if one.behaviour.confidence in confidences:
                counted.setdefault(one.behaviour.operation, {}).setdefault(name, Counter())[one.verdict] += 1
    lines = [f"| operation | behaviours | {' | '.join(found)} |", f"| --- | --- |{' --- |' * len(found)}"]
    rows = [*sorted(counted.items()), ("**all**", {name: _sum(counted, name) for name in found})]
    lines += [
        f"| {operation} | {max(row.total() for row in by_name.values())} | "
        f"{' | '.join(_cell(by_name.get(name, Counter())) for name in found)} |"
        for operation, by_name in rows
    ]
    return "\n".join(lines)


def _sum(counted: dict[str, dict[str, Counter[str]]], name: str) -> Counter[str]:
    return sum((by_name.get(name, Counter()) for by_name in counted.values()), Counter())


def _cell(row: Counter[str]) -> str:
    return f"{row['agrees']} ({row['unsupported']} unsupported)" if row["unsupported"] else str(row["agrees"])


def main() -> int:
    """The exit code is 1 if the mock's own endpoint differs: then the suite is wrong, or the endpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="+", choices=PEERS)
    parser.add_argument("--page", type=Path, help="write the scoreboard to this file")
    arguments, more = parser.parse_known_args()
    cases = {name: ran_against(PEERS[name], more) for name in arguments.peers}
    if arguments.page:
        load(sorted((ROOT / "tests" / "conformance").rglob("test_*.py")))
        versions = {name: _version(PEERS[name].package) for name in cases}
        arguments.page.write_text(page(cases, versions), encoding="utf-8")
    return int(any(case.verdict == "differs" for case in cases.get("mock_secrets", ())))


if __name__ == "__main__":
    sys.exit(main())
