"""Filters and orders by themselves: how text falls into words, and what a value matches."""

import re
from datetime import date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.model import filters
from mock_secrets.model.filters import Filter, sort_key, words
from mock_secrets.model.secret import Secret

NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
KEYS = ["name", "description", "tag-key", "tag-value", "primary-region", "owning-service", "all"]
SEPARATORS = "/_+=.@- :!#"

# A Hypothesis run without a file of its findings and without a limit of time.
repeatable = settings(deadline=None, derandomize=True, max_examples=150)

lower_words = st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=4)
texts = st.text("aB1 -", max_size=8)


def secret(name="db", **given):
    return Secret(
        name=name,
        arn=f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-a1b2c3",
        account_id="123456789012",
        region="us-east-1",
        **{"created_at": NOON, "changed_at": NOON, **given},
    )


def matches(key, value, one):
    return Filter(key, (value,)).matches(one)


# --- Words ---


@rows(
    "text, expected",
    [
        ("", []),
        ("+", []),
        ("/_+=.@-", []),
        ("one", ["one"]),
        ("One Two", ["one", "two"]),
        ("SecretTwo", ["secret", "two"]),
        ("Thirdsecret", ["thirdsecret"]),
        ("SecretFTag", ["secret", "f", "tag"]),
        ("COMPANY", ["company"]),
        ("COMPANYthings", ["compan", "ythings"]),
        ("uat/COMPANY/qxz", ["uat", "company", "qxz"]),
        ("credsDatabase#892", ["creds", "database", "892"]),
        ("db2primary", ["db", "2primary"]),
        ("x-77d319", ["x", "77d", "319"]),
        ("9Lives7NOTs", ["9lives", "7no", "ts"]),
        ("v2B3", ["v", "2b", "3"]),
        ("aB", ["a", "b"]),
        ("ABc", ["a", "bc"]),
        ("A", ["a"]),
        ("us-east-1", ["us", "east", "1"]),
    ],
)
def test_text_is_split_into_words(text, expected):
    assert words(text) == expected


@repeatable
@given(given_words=lower_words, separator=st.sampled_from(SEPARATORS))
def test_separators_split_text_into_words(given_words, separator):
    assert words(separator.join(given_words)) == given_words


@repeatable
@given(given_words=lower_words)
def test_a_capital_letter_starts_a_word(given_words):
    # A single capital before another one is no word by itself.
    longer = [f"{word}x" for word in given_words]

    assert words("".join(word.capitalize() for word in longer)) == longer


@repeatable
@given(text=st.text(max_size=20))
def test_words_contain_only_lowercase_letters_and_digits_from_the_text(text):
    found = words(text)

    assert all(re.fullmatch("[0-9]*[a-z]+|[0-9]+", word) for word in found)
    assert "".join(found) == "".join(one for one in text if one.isascii() and one.isalnum()).lower()


# --- One filter ---


@rows(
    "key, field",
    [
        ("name", secret),
        ("tag-key", lambda text: secret(tags={"other": "", text: "value"})),
        ("tag-value", lambda text: secret(tags={"other": "", "key": text})),
        ("primary-region", lambda text: secret(primary_region=text)),
    ],
)
@rows(
    "value, is_match",
    [("Prod", True), ("Prod-db", True), ("prod", False), ("db", False), ("Prod db", False), ("Prod-db-2", False)],
)
def test_most_keys_match_a_prefix_case_sensitively(key, field, value, is_match):
    assert matches(key, value, field("Prod-db")) is is_match
    assert matches(key, f"!{value}", field("Prod-db")) is not is_match


@rows("value, is_match", [("rds", True), ("RD", True), ("ds", False), ("rdsx", False)])
def test_owning_service_matches_a_prefix_case_insensitively(value, is_match):
    assert matches("owning-service", value, secret(owning_service="rds")) is is_match
    assert matches("owning-service", value, secret(owning_service="RDS")) is is_match


@rows("key", ["description", "all"])
@rows(
    "value, is_match",
    [
        ("of", True),
        ("secret description", True),
        ("SECRET my", True),
        ("mySecret", True),
        ("sec-desc", True),
        ("my secret other", False),
        ("ecret", False),
        ("descriptions", False),
        ("+", False),
        ("", False),
    ],
)
def test_description_and_all_match_words(key, value, is_match):
    assert matches(key, value, secret(description="Description of my secret")) is is_match


@rows(
    "fields",
    [
        {"name": "word"},
        {"description": "a word"},
        {"tags": {"word": ""}},
        {"tags": {"key": "word"}},
        {"owning_service": "word"},
        {"primary_region": "word"},
    ],
)
def test_all_searches_each_field_separately(fields):
    found = secret(**{"name": "db", "tags": {"other": "tag"}, **fields})

    assert matches("all", "wor", found)
    assert not matches("all", "word missing", found)
    assert not matches("all", "word us", found)
    assert not matches("all", "tag word", found)


@rows("key", KEYS[1:-1])
def test_a_secret_without_the_field_matches_only_a_negation(key):
    assert not matches(key, "a", secret())
    assert matches(key, "!a", secret())


@rows("key", ["tag-key", "tag-value"])
def test_a_negation_on_tags_holds_if_no_tag_matches(key):
    tagged = secret(tags={"a": "a", "b": "b"})

    assert not matches(key, "!a", tagged)
    assert not matches(key, "!b", tagged)
    assert matches(key, "!c", tagged)


@rows(
    "values, is_match",
    [
        (("x", "d"), True),
        (("x", "y"), False),
        (("!d", "d"), True),
        (("!d", "x"), False),
        (("!x", "y"), True),
        ((), False),
    ],
)
def test_one_matching_value_is_enough(values, is_match):
    assert Filter("name", values).matches(secret("db")) is is_match


@rows("name, value, is_match", [("!db", "!!", False), ("db", "!!", True), ("a!b", "a!", True)])
def test_only_the_first_exclamation_mark_negates(name, value, is_match):
    assert matches("name", value, secret(name)) is is_match


@repeatable
@given(key=st.sampled_from(KEYS), value=texts, text=texts)
def test_a_negated_filter_matches_the_opposite(key, value, text):
    one = secret(text, description=text, tags={text: text}, primary_region=text, owning_service=text)

    assert matches(key, f"!{value}", one) is not matches(key, value, one)


@repeatable
@given(description=lower_words, lengths=st.lists(st.integers(1, 4), min_size=1, max_size=4), order=st.randoms())
def test_word_prefixes_match_in_any_order(description, lengths, order):
    value = [word[:length] for word, length in zip(description, lengths, strict=False)]
    order.shuffle(value)

    assert matches("description", " ".join(value), secret(description="-".join(description)))


# --- Several filters ---


def test_every_filter_must_match_and_the_order_is_kept():
    secrets = [secret("ab"), secret("b"), secret("abc"), secret("a", tags={"team": "core"})]
    by_name, by_tag = Filter("name", ("a",)), Filter("tag-key", ("!team",))

    assert [one for one in secrets if filters.matches([], one)] == secrets
    assert [one for one in secrets if filters.matches(iter([by_name]), one)] == [secrets[0], secrets[2], secrets[3]]
    assert [one for one in secrets if filters.matches([by_name, by_tag], one)] == [secrets[0], secrets[2]]
    assert [one for one in secrets if filters.matches([by_name, Filter("name", ("ab",))], one)] == [
        secrets[0],
        secrets[2],
    ]


# --- Orders ---


def in_order(secrets, sort_by):
    return [one.name for one in sorted(secrets, key=sort_key(sort_by))]


@rows("sort_by, member", [("created-date", "created_at"), ("last-changed-date", "changed_at")])
def test_secrets_are_sorted_by_date(sort_by, member):
    days = {"new": timedelta(days=300), "old": timedelta(0), "next": timedelta(milliseconds=1)}
    # The first instant has no milliseconds, which must not change how it is written.
    first = datetime(2026, 9, 30, 23, 59, 59, tzinfo=timezone.utc)

    assert in_order([secret(name, **{member: first + since}) for name, since in days.items()], sort_by) == [
        "old",
        "next",
        "new",
    ]


def test_secrets_are_sorted_by_last_access_with_never_accessed_first():
    days = {"b": date(2026, 10, 1), "a": date(2026, 9, 30), "never": None}

    assert in_order([secret(name, accessed_on=day) for name, day in days.items()], "last-accessed-date") == [
        "never",
        "a",
        "b",
    ]


def test_secrets_are_sorted_by_name_with_shorter_names_first():
    names = ["a/b", "a-b", "a", "a!b", "ab", "b"]

    assert in_order([secret(name) for name in names], "name") == sorted(names)


@rows("sort_by", ["created-date", "last-changed-date", "last-accessed-date"])
def test_equal_secrets_are_sorted_in_creation_order(sort_by):
    secrets = [secret("c", serial=9), secret("a", serial=10), secret("b", serial=100_000)]

    assert in_order(reversed(secrets), sort_by) == ["c", "a", "b"]
