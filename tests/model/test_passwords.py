"""Random passwords by themselves, over all options."""

import string
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_secrets.kernel.errors import EverythingExcluded, PasswordTooShort, TypeExcluded
from mock_secrets.model.passwords import LOWERCASE, NUMBERS, PUNCTUATION, UPPERCASE, random_password

TYPES = [UPPERCASE, LOWERCASE, NUMBERS, PUNCTUATION]
repeatable = settings(deadline=None, derandomize=True, max_examples=400)

# Whole types among them, so that types are emptied often.
exclusions = st.lists(
    st.one_of(st.sampled_from([*TYPES, " ", "aA0!"]), st.text(string.printable, max_size=20)), max_size=5
).map("".join)
options = {
    "length": st.one_of(st.integers(1, 6), st.integers(1, 4096)),
    "types": st.lists(st.sampled_from(TYPES), unique=True),
    "excluded": exclusions,
    "space": st.booleans(),
    "require_each": st.booleans(),
    "seed": st.integers(0, 1_000_000),
}


def refusal(length, left, pool, *, require_each):
    """What must be refused, in the measured order; None if there is a password."""
    if require_each and not all(left):
        return TypeExcluded
    if not pool:
        return EverythingExcluded
    if require_each and length < len(left):
        return PasswordTooShort
    return None


def password_of(seed, length, types, **given):
    return random_password(Random(seed), length, types, **given)  # noqa: S311 - repeatable on purpose


@repeatable
@given(asked=st.fixed_dictionaries(options))
def test_a_password_satisfies_every_option_or_is_refused(asked):
    length, excluded, require_each = asked["length"], asked["excluded"], asked["require_each"]
    left = [set(characters) - set(excluded) for characters in asked["types"]]
    pool = set().union(*left) | ({" "} - set(excluded) if asked["space"] else set())
    expected = refusal(length, left, pool, require_each=require_each)

    if expected is not None:
        with pytest.raises(expected):
            password_of(**asked)
        return
    password = password_of(**asked)

    assert len(password) == length
    assert set(password) <= pool
    assert not require_each or all(kind & set(password) for kind in left)
    assert password_of(**asked) == password


def test_the_character_types_match_aws():
    assert PUNCTUATION == "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    assert [len(characters) for characters in TYPES] == [26, 26, 10, 32]
    assert len(set("".join(TYPES))) == 94


def test_each_character_type_can_occur_at_every_position_of_a_password():
    made = [password_of(seed, 8, TYPES, excluded="", space=False, require_each=True) for seed in range(200)]

    for place in range(8):
        there = {password[place] for password in made}
        assert all(there & set(characters) for characters in TYPES)
