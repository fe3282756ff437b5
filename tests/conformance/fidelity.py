"""What is known of AWS's behaviour, how certain it is, and where it comes from: each scenario says it, and the table lists it."""

import importlib.util
import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict, TypeVar, get_args

Confidence = Literal["AWS-VERIFIED", "AWS-DOC", "REPORTED", "GUESS", "OURS"]
#: Those that say something of AWS, the surest first.
CLAIMS = [one for one in get_args(Confidence) if one != "OURS"]
Test = TypeVar("Test", bound=Callable[..., None])

TABLE = Path(__file__).with_name("FIDELITY.md")
#: What AWS itself said of scenarios, by file and test: ``--write-fidelity --from-record FILE`` adds to it.
VERDICTS = Path(__file__).with_name("verdicts.json")

_INTRODUCTION = """\
# Fidelity

What mock_secrets does, how certain it is that AWS does the same, and how that is known. Written by the tests that show it:
`pytest tests/conformance --write-fidelity`. None of them was run against an AWS account by us.

- **AWS-VERIFIED**: recorded from AWS, or asserted against it, by the named public test or recording.
- **AWS-DOC**: AWS's documentation or its service model says so.
- **REPORTED**: a public issue, log or tool quotes an answer of AWS. One without a lasting address is given by words to
  search for.
- **GUESS**: no evidence was found; this is what similar cases suggest. Only the error's code is asserted, never its text.
- **OURS**: no claim about AWS: what mock_secrets decides where AWS shows nothing, or what a test can set.
"""

_DECIDING = """\
## What would decide the guesses

An account, an hour and less than a dollar decide most of them. The groups are in the order in which to try them, the
cheapest first. Each guess names its scenario: what to call, and what mock_secrets answers.
The scenarios that speak through a client alone run against an account by
`pytest tests/conformance --aws --record FILE`, which writes down what AWS answered; `-k` and a test's name choose one.
"""


_EVALUATED = """\
## What is evaluated of IAM and KMS

| part | evaluated | how |
| --- | --- | --- |
| identity policies of users and roles | yes | Effect, Action, NotAction, Resource, NotResource, Condition; several policies together; no groups |
| resource policies of secrets | yes | also Principal and NotPrincipal: accounts, users, roles, sessions, unique ids, everybody; within an account and across accounts |
| key policies | yes | as for secrets; a key's policy has to allow the caller, directly or through its account |
| explicit and implicit deny | yes | "Policy evaluation logic" in the IAM User Guide, with AWS's sentence for each case |
| condition operators | yes | all of them, with IfExists, ForAnyValue and ForAllValues; Null |
| policy variables | yes | with defaults, in Resource and in conditions on strings and ARNs, for Version 2012-10-17 |
| condition keys of Secrets Manager | yes | all keys in the Service Authorization Reference, with the values of the call; absent unless sent |
| global condition keys | those that a call has | principal, account, tags, time, Region, SourceIp, SecureTransport, MultiFactorAuthPresent, ResourceTag, RequestTag, TagKeys; others, such as UserAgent, by `session(context=...)` |
| condition keys of KMS | those that Secrets Manager's calls have | ViaService, CallerAccount, EncryptionContext, ResourceAliases, KeySpec, KeyUsage, KeyOrigin, EncryptionAlgorithm; no SourceIp, since Secrets Manager calls KMS |
| actions of KMS | GenerateDataKey, Decrypt, Encrypt | where the User Guide says that Secrets Manager calls them on the caller's behalf |
| key states | yes | disabled, pending deletion, deleted; by the service's clock |
| `lambda:InvokeFunction`, `iam:PassRole` | by identity policy | for RotateSecret; a function that is registered allows Secrets Manager to invoke it |
| a replica's key | when the replica is requested | the key as it is then; if the key changes later, the replica doesn't fail |
| the form of identity policies | in part | members, Effect, operators, ARNs and Sids; not whether account numbers or services in ARNs exist |
| aws/secretsmanager | without a policy | usable by everybody in the account whom Secrets Manager allows, and by nobody in another account |
| keys that the test didn't make | by identity policy | unless `kms="strict"`; in other accounts too |
| permissions boundaries, session policies | no | |
| service and resource control policies, VPC endpoint policies | no | `session(context=...)` can give an organisation's keys |
| grants, replicas of multi-Region keys, ReEncrypt, imported key material | no | |
| trust policies, AssumeRole, groups, identity providers | no | the test makes a role's session |
| the delay until a policy applies | no | it applies at the next call |
"""


class Trial(NamedTuple):
    """What it takes to decide a group of guesses."""

    needs: str
    cost: str


#: What would decide a guess, the cheapest first.
TRIALS: dict[str, Trial] = {
    "plain calls": Trial(
        "one account and boto3 or the AWS CLI; for what botocore refuses to send, `Config(parameter_validation=False)`",
        "minutes; cents",
    ),
    "signed requests": Trial(
        "requests that no client sends: a body and headers of one's own, signed by hand or by `awscurl`",
        "minutes; cents",
    ),
    "a second Region": Trial("replicas in a second Region, and permissions there", "minutes; cents"),
    "a KMS key": Trial(
        "a customer managed key to disable, and a second one; for some, a user with chosen permissions for them",
        "half an hour; a dollar a key and month, by the hour",
    ),
    "a second principal": Trial("an IAM user or role beside the administrator", "half an hour; nothing"),
    "a rotation function": Trial(
        "a Lambda function that logs its steps and fails where it is told to, with permission for Secrets Manager",
        "an hour; cents",
    ),
    "CloudTrail": Trial("the event history, read 15 minutes after the calls", "half an hour; nothing"),
    "a second account": Trial(
        "a second account, a customer managed key shared with it, and resource policies", "an hour"
    ),
    "the Lambda extension": Trial(
        "a Lambda function with the AWS Parameters and Secrets extension, which sends requests to it",
        "half an hour; cents",
    ),
    "a managed secret": Trial(
        "a secret that another service owns: an EventBridge connection makes one for nothing, RDS one that rotates",
        "an hour; cents, or a small database",
    ),
    "many calls": Trial("hundreds of calls, or calls at more than the rate that AWS allows", "an hour; cents"),
    "days of waiting": Trial("calls a day, or a recovery window of seven days, apart", "one to eight days; a dollar"),
    "AWS's internals": Trial("what no call shows, such as a quota of 500,000 secrets or the order of replication", "-"),
}


@dataclass(frozen=True)
class Behaviour:
    operation: str
    rule: str
    confidence: Confidence
    source: str
    decided_by: str | None = None
    shown_by: tuple[str, ...] = ()

    def is_shown_in(self, parameters: str) -> bool:
        """Whether the case with these parameters, as pytest names them, tells of this behaviour."""
        return not self.shown_by or any(f"-{row}-" in f"-{parameters.strip('[]')}-" for row in self.shown_by)


_behaviours: dict[tuple[str, str], list[Behaviour]] = {}


def behaviour(
    operation: str,
    rule: str,
    confidence: Confidence,
    source: str,
    *,
    decided_by: str | None = None,
    shown_by: tuple[str, ...] = (),
) -> Callable[[Test], Test]:
    """Say which of AWS's behaviours a scenario shows, and how it is known. May stand more than once above a test.

    :param decided_by: for a GUESS, which of ``TRIALS`` would decide it.
    :param shown_by: the names of the rows that show it, where others of the table show something else: a run against
        another endpoint judges it by these alone.
    :raises ValueError: if a GUESS doesn't name its trial, or anything else does; if the test has no such row.
    """
    if (decided_by in TRIALS) is not (confidence == "GUESS"):
        raise ValueError(f"{rule!r}: a GUESS, and nothing else, names what would decide it, one of {list(TRIALS)}")

    def note(test: Test) -> Test:
        unknown = set(shown_by) - getattr(test, "rows", set(shown_by))
        if unknown:
            raise ValueError(f"{rule!r}: the test has no rows {sorted(unknown)}")
        noted = _behaviours.setdefault((Path(inspect.unwrap(test).__code__.co_filename).name, test.__name__), [])
        entry = Behaviour(operation, rule, confidence, source, decided_by, shown_by)
        if entry not in noted:
            noted.append(entry)
        return test

    return note


def load(files: Iterable[Path]) -> None:
    """Have these files say what they show."""
    for file in files:
        spec = importlib.util.spec_from_file_location(file.stem, file)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def behaviours_of(scenario: str) -> list[Behaviour]:
    """What a scenario shows, by its file and its test: ``"test_x.py::test_y"``."""
    file, test = scenario.split("::")
    return list(reversed(_behaviours.get((file, test), [])))


class Verdict(TypedDict):
    """What a run against AWS said of a scenario.

    :ivar differing: the parameters of the cases that differ.
    """

    agrees: bool
    differing: list[str]
    date: str
    region: str


def as_recorded(entry: Behaviour, verdict: Verdict | None) -> Behaviour:
    """What is known of a behaviour after AWS was asked."""
    if verdict is None or entry.confidence == "OURS":
        return entry
    recorded = f"recorded {verdict['date']} {verdict['region']}"
    if not verdict["agrees"] and any(map(entry.is_shown_in, verdict["differing"])):
        return replace(entry, source=f"{entry.source}; AWS differs, {recorded}")
    source = f"{entry.source}; {recorded}" if entry.confidence == "AWS-VERIFIED" else recorded
    return replace(entry, confidence="AWS-VERIFIED", source=source, decided_by=None)


def render(verdicts: Mapping[str, Verdict] | None = None) -> str:
    """The table, by operation, in the order in which the scenarios stand.

    :param verdicts: AWS's, by scenario; those of ``VERDICTS`` unless given.
    """
    if verdicts is None:
        verdicts = json.loads(VERDICTS.read_text(encoding="utf-8"))
    rows = [
        (as_recorded(entry, verdicts.get(f"{file}::{test}")), f"{file}::{test}")
        for (file, test), noted in sorted(_behaviours.items(), key=lambda item: item[0][0])
        for entry in reversed(noted)
    ]
    by_operation: dict[str, list[tuple[Behaviour, str]]] = {}
    for entry, test in rows:
        by_operation.setdefault(entry.operation, []).append((entry, test))
    sections = [_section(operation, rows) for operation, rows in sorted(by_operation.items())]
    return "\n".join([_INTRODUCTION, _counts(rows), _DECIDING, *_trials(rows), _EVALUATED, *sections])


def _counts(rows: list[tuple[Behaviour, str]]) -> str:
    counted = Counter(entry.confidence for entry, _ in rows)
    lines = ["| confidence | behaviours |", "| --- | --- |"]
    return "\n".join(
        [*lines, *(f"| {confidence} | {counted[confidence]} |" for confidence in get_args(Confidence)), ""]
    )


def _trials(rows: list[tuple[Behaviour, str]]) -> list[str]:
    guesses = {name: [(entry, test) for entry, test in rows if entry.decided_by == name] for name in TRIALS}
    overview = ["| group | guesses | needs | time and cost |", "| --- | --- | --- | --- |"]
    overview += [f"| {name} | {len(guesses[name])} | {trial.needs} | {trial.cost} |" for name, trial in TRIALS.items()]
    groups = [
        "\n".join([f"### {name}", "", *(f"- {entry.operation}: {entry.rule} (`{test}`)" for entry, test in found), ""])
        for name, found in guesses.items()
    ]
    return ["\n".join([*overview, ""]), *groups]


def _section(operation: str, rows: list[tuple[Behaviour, str]]) -> str:
    lines = [f"## {operation}", "", "| behaviour | confidence | source | scenario |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_cell(entry.rule)} | {entry.confidence} | {_cell(entry.source)} | `{test}` |" for entry, test in rows
    ]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
