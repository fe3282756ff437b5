"""What is known of AWS's behaviour, how surely, and from where: each scenario says it, and the table lists it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

Confidence = Literal["AWS-VERIFIED", "AWS-DOC", "REPORTED", "GUESS"]
Test = TypeVar("Test", bound=Callable[..., None])

TABLE = Path(__file__).with_name("FIDELITY.md")

_INTRODUCTION = """\
# Fidelity

What mock_secrets does, how surely AWS does the same, and how that is known. Written by the scenarios in this folder:
`pytest tests/conformance --write-fidelity`. No scenario here was run against an AWS account by us.

- **AWS-VERIFIED**: recorded from AWS, or asserted against it, by the named public test.
- **AWS-DOC**: AWS's documentation or its service model says so.
- **REPORTED**: a public issue, log or tool quotes an answer of AWS.
- **GUESS**: no evidence was found; this is what siblings of the case suggest. Only the error's code is asserted, never its text.
"""


_EVALUATED = """\
## What of IAM and KMS is evaluated

| part | evaluated | how |
| --- | --- | --- |
| identity policies of users and roles | yes | Effect, Action, NotAction, Resource, NotResource, Condition; several policies together; no groups |
| resource policies of secrets | yes | Principal and NotPrincipal too: accounts, users, roles, sessions, unique ids, everybody; within an account and across |
| key policies | yes | as for secrets, and a key's policy has to reach the caller, be it through its account |
| explicit and implicit deny | yes | "Policy evaluation logic" in the IAM User Guide, with AWS's words for each side |
| condition operators | yes | all of them, with IfExists, ForAnyValue and ForAllValues; Null |
| policy variables | yes | with defaults, in Resource and in conditions on text and ARNs, for Version 2012-10-17 |
| condition keys of Secrets Manager | yes | all of the Service Authorization Reference, with the values of the call; absent unless sent |
| global condition keys | those that a call has | principal, account, tags, time, region, SourceIp, SecureTransport, MultiFactorAuthPresent, ResourceTag, RequestTag, TagKeys; others, UserAgent among them, by `session(context=...)` |
| condition keys of KMS | those of Secrets Manager's use | ViaService, CallerAccount, EncryptionContext, ResourceAliases, KeySpec, KeyUsage, KeyOrigin, EncryptionAlgorithm; no SourceIp, since Secrets Manager asks |
| actions of KMS | GenerateDataKey, Decrypt, Encrypt | where the User Guide says that Secrets Manager asks for them, in the caller's name |
| key states | yes | disabled, pending deletion, deleted; by the service's clock |
| `lambda:InvokeFunction`, `iam:PassRole` | by identity policy | for RotateSecret; the function's own policy is whether it is registered |
| a replica's key | when it is asked for | as the key is then (GUESS); what happens to the key later does not fail the replica |
| form of identity policies | in part | members, Effect, operators, ARNs and Sids; not whether account numbers or services in ARNs exist |
| aws/secretsmanager | without a policy | everybody in the account whom Secrets Manager lets in; nobody of another |
| keys that nobody made | by identity policy | unless `kms="strict"`; in other accounts too |
| permissions boundaries, session policies | no | |
| service and resource control policies, VPC endpoint policies | no | an organisation's keys can be given by `session(context=...)` |
| grants, multi-Region keys' replicas, ReEncrypt, imported material | no | |
| trust policies, AssumeRole, groups, identity providers | no | a role's session is made by the test |
| delays until a policy counts | no | it counts at the next call |
"""


@dataclass(frozen=True)
class Behaviour:
    operation: str
    rule: str
    confidence: Confidence
    source: str


_behaviours: dict[tuple[str, str], list[Behaviour]] = {}


def behaviour(operation: str, rule: str, confidence: Confidence, source: str) -> Callable[[Test], Test]:
    """Say which of AWS's behaviours a scenario shows, and how it is known. May stand more than once above a test."""

    def note(test: Test) -> Test:
        noted = _behaviours.setdefault((Path(test.__code__.co_filename).name, test.__name__), [])
        entry = Behaviour(operation, rule, confidence, source)
        if entry not in noted:
            noted.append(entry)
        return test

    return note


def render() -> str:
    """The table, by operation, in the order in which the scenarios stand."""
    by_operation: dict[str, list[tuple[Behaviour, str]]] = {}
    for (file, test), noted in sorted(_behaviours.items(), key=lambda item: item[0][0]):
        for entry in reversed(noted):
            by_operation.setdefault(entry.operation, []).append((entry, f"{file}::{test}"))
    sections = [_section(operation, rows) for operation, rows in sorted(by_operation.items())]
    return "\n".join([_INTRODUCTION, _EVALUATED, *sections])


def _section(operation: str, rows: list[tuple[Behaviour, str]]) -> str:
    lines = [f"## {operation}", "", "| behaviour | confidence | source | scenario |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_cell(entry.rule)} | {entry.confidence} | {_cell(entry.source)} | `{test}` |" for entry, test in rows
    ]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
