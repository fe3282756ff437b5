"""The texts that a report shows even if they are also values."""

from collections.abc import Iterable, Iterator

from mock_secrets.kernel.call import Call
from mock_secrets.model.store import Store


def public_names(store: Store, calls: Iterable[Call]) -> Iterator[str]:
    """The names, ARNs, regions, accounts and staging labels of secrets and calls."""
    for secret in store:
        yield from (secret.name, secret.arn, secret.region, secret.account_id)
        for version in secret.versions:
            yield from version.labels
    for call in calls:
        yield from (call.region, call.account_id)
        yield from _names_in(call)


def _names_in(call: Call) -> Iterator[str]:
    # In a refused call these may be anything.
    for member in ("Name", "SecretId", "VersionStage"):
        named = call.params.get(member)
        if isinstance(named, str):
            yield named
