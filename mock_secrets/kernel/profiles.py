"""Profiles without configuration files: the account and region of a session that uses a profile's name."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Profile(NamedTuple):
    """The settings of a profile; None leaves a setting to the mock.

    :ivar region: region of its clients.
    :ivar account_id: account as whose administrator its clients call, 12 digits.
    """

    region: str | None = None
    account_id: str | None = None


def read_profiles(given: Any, name: str) -> dict[str, Profile]:
    """Read profiles from a list of names, or a mapping of names to mappings with ``region`` and ``account_id``.

    :raises TypeError, ValueError: if one is not valid. The message names the parameter and the profile.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name} takes a mapping such as {{'prod': {{'region': 'eu-west-1'}}}}, or a list of names")
    pairs = given.items() if isinstance(given, Mapping) else ((one, {}) for one in given)
    return {_name(one, name): _read(members, f"{name}[{one!r}]") for one, members in pairs}


def _name(given: Any, name: str) -> str:
    if not isinstance(given, str) or not given:
        raise TypeError(f"{name} takes names of profiles as non-empty strings, not {given!r}")
    return given


def _read(given: Any, name: str) -> Profile:
    from mock_secrets.kernel.options import check_account_id, check_region
    from mock_secrets.kernel.suggestions import did_you_mean

    if isinstance(given, Profile):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} takes a mapping with 'region' and 'account_id', not {type(given).__name__}")
    for member in given:
        if member not in Profile._fields:
            hint = did_you_mean(str(member), Profile._fields)
            raise ValueError(f"{name} takes 'region' and 'account_id', not {member!r}.{hint}")
    region, account_id = given.get("region"), given.get("account_id")
    return Profile(
        None if region is None else check_region(region, f"{name}['region']", any_region=True),
        None if account_id is None else check_account_id(account_id, f"{name}['account_id']"),
    )
