"""What the calls of one test prove, as plain JSON data, and what the calls of a whole run prove together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_secrets.aws.iam import PermissionCheck
from mock_secrets.proofs.leaks import Leak
from mock_secrets.proofs.least_privilege import Permission, permissions, policy_of
from mock_secrets.proofs.unused_access import unused

#: JSON data: dicts, lists, str and int.
Data = dict[str, Any]


def evidence(checks: Sequence[PermissionCheck], leaks: Iterable[Leak], actions: Sequence[str]) -> Data:
    """The permissions that one backend's calls needed, the callers' unused grants, and the leaks.

    :param actions: every action of Secrets Manager.
    """
    allowed = [check for check in checks if check.allowed]
    identities = dict.fromkeys(check.caller.identity for check in checks if check.caller.identity is not None)
    return {
        "permissions": [
            [one.resource, one.action, [list(part) for part in one.condition]] for one in permissions(allowed)
        ],
        "granted": {
            identity.arn: [
                str(found)
                for found in unused(
                    identity.policies, [check for check in allowed if check.caller.identity is identity], actions, ()
                )
            ]
            for identity in identities
            if identity.policies
        },
        "leaks": list(dict.fromkeys(map(str, leaks))),
    }


def summary(tests: Iterable[Mapping[str, Any]], operations: Sequence[str]) -> Data:
    """What the tests of a run prove together.

    A grant counts as unused if none of the tests in which its user or role made calls used it.

    :param tests: each with its ``id`` and its ``mocks``, which hold histories with their ``evidence``.
    :param operations: every operation of Secrets Manager.
    """
    needed: set[Permission] = set()
    granted: dict[str, set[str]] = {}
    leaks: list[Data] = []
    called: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for test in tests:
        for mock in test["mocks"]:
            found = mock["evidence"]
            needed.update(
                Permission(resource, action, tuple((*part,) for part in condition))
                for resource, action, condition in found["permissions"]
            )
            for identity, left in found["granted"].items():
                granted[identity] = granted[identity] & {*left} if identity in granted else {*left}
            leaks += [{"test": test["id"], "text": leak} for leak in found["leaks"]]
            # The history of an undone savepoint starts with entries that are already counted.
            for entry in () if mock.get("undone") else mock["entries"]:
                if entry["kind"] == "call" and not entry["is_direct"]:
                    called[entry["operation"]] += 1
                    refused[entry["operation"]] += entry["error"] is not None
    return {
        "policy": policy_of(sorted(needed)),
        "unused": [{"identity": arn, "text": text} for arn, texts in granted.items() for text in sorted(texts)],
        "leaks": leaks,
        "operations": [[name, called[name], refused[name]] for name in sorted(called)],
        "untested": [name for name in operations if not called[name]],
    }
