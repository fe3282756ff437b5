"""Condition operators, by the tables of the IAM User Guide."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.policy.conditions import keys_of, satisfied
from mock_secrets.policy.patterns import Pattern

KEY = "aws:key"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"

each = settings(deadline=None, derandomize=True)


def condition(document, pattern=Pattern.with_variables):
    """A Condition element as it is read from a policy."""
    return {
        operator: {key: [pattern(value) for value in values] for key, values in keys.items()}
        for operator, keys in document.items()
    }


def holds(operator, wanted, *values):
    """Whether an operator holds for a key of these values."""
    return satisfied(condition({operator: {KEY: wanted}}), {KEY: list(values)})


def holds_without_key(operator, *wanted):
    return satisfied(condition({operator: {KEY: wanted}}), {})


# --- Each operator ---

# The operator, the policy's values, the request's value, and whether it is one of them.
_SINGLE = [
    ("StringEquals", ["a"], "a", True),
    ("StringEquals", ["a"], "A", False),
    ("StringEquals", ["a*"], "ab", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEqualsIgnoreCase", ["JohnDoe"], "johndoe", True),
    ("StringEqualsIgnoreCase", ["johndoe"], "JOHNDOE", True),
    ("StringEqualsIgnoreCase", ["JohnDoe"], "john", False),
    ("StringLike", ["home/*", "h?"], "home/a", True),
    ("StringLike", ["home/*", "h?"], "hi", True),
    ("StringLike", ["home/*"], "Home/a", False),
    ("NumericEquals", ["10"], "10", True),
    ("NumericEquals", ["10"], "10.0", True),
    ("NumericEquals", ["10"], "+1e1", True),
    ("NumericEquals", ["-0.5"], "-0.50", True),
    ("NumericEquals", ["10"], "11", False),
    ("NumericEquals", ["9007199254740993"], "9007199254740992", False),
    ("NumericEquals", ["ten"], "ten", False),
    ("NumericEquals", ["1_0"], "10", False),
    ("NumericEquals", ["NaN"], "NaN", False),
    ("NumericEquals", ["1e9999999999999999999"], "1e9999999999999999999", False),
    ("NumericEquals", ["ten", "10"], "10", True),
    ("DateEquals", ["2019-07-16T12:00:00Z"], "2019-07-16T12:00:00Z", True),
    ("DateEquals", ["2019-07-16T14:00+02:00"], "2019-07-16T12:00:00.0Z", True),
    ("DateEquals", ["2019-07-16"], "2019-07-16T00:00:00Z", True),
    ("DateEquals", ["2019-07"], "2019-07-01T00:00:00Z", True),
    ("DateEquals", ["2019"], "2019-01-01T00:00:00Z", True),
    ("DateEquals", ["1563278400"], "2019-07-16T12:00:00Z", True),
    ("DateEquals", ["2019-07-16T12:00:00Z"], "1563278400", True),
    ("DateEquals", ["0"], "1970-01-01", True),
    ("DateEquals", ["2019-07-16T12:00:00.25Z"], "1563278400.25", True),
    ("DateEquals", ["2019-07-16T12:00:00.1234567Z"], "2019-07-16T12:00:00.123456Z", True),
    ("DateEquals", ["2019-07-16T12:00:00Z"], "2019-07-16T12:00:01Z", False),
    ("DateEquals", ["2019-07-16T12:00:00"], "2019-07-16T12:00:00Z", False),
    ("DateEquals", ["2019-13-01"], "2019-13-01", False),
    ("DateEquals", ["yesterday"], "yesterday", False),
    ("IpAddress", ["203.0.113.0/24"], "203.0.113.255", True),
    ("IpAddress", ["203.0.113.0/24"], "203.0.114.0", False),
    ("IpAddress", ["203.0.113.7/24"], "203.0.113.1", True),
    ("IpAddress", ["203.0.113.7"], "203.0.113.7", True),
    ("IpAddress", ["203.0.113.7"], "203.0.113.8", False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", True),
    ("IpAddress", ["2001:DB8:1234:5678::/64"], "2001:db8:1234:5679::1", False),
    ("IpAddress", ["::/0"], "203.0.113.7", False),
    ("IpAddress", ["0.0.0.0/0"], "home", False),
    ("IpAddress", ["home"], "203.0.113.7", False),
    ("ArnEquals", [TOPIC], TOPIC, True),
    ("ArnEquals", ["arn:aws:sns:*:123456789012:al?rts"], TOPIC, True),
    ("ArnEquals", ["arn:aws:sns:*"], TOPIC, False),
    ("ArnLike", ["arn:aws:sns:*:123456789012:al?rts"], TOPIC, True),
    ("ArnLike", ["arn:aws:sns:*:999999999999:*"], TOPIC, False),
    ("ArnLike", ["*"], "alerts", False),
]
_NEGATIONS = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}


@rows("operator, wanted, value, matches", _SINGLE)
def test_the_values_of_a_key_are_alternatives(operator, wanted, value, matches):
    assert holds(operator, wanted, value) == matches
    assert holds(f"{operator}IfExists", wanted, value) == matches


@rows("operator, wanted, value, matches", _SINGLE)
def test_a_negated_operator_holds_if_no_value_matches(operator, wanted, value, matches):
    assert holds(_NEGATIONS[operator], wanted, value) != matches
    assert holds(f"{_NEGATIONS[operator]}IfExists", wanted, value) != matches


@rows(
    "comparison, of_smaller_same_and_greater",
    [
        ("Equals", [False, True, False]),
        ("NotEquals", [True, False, True]),
        ("LessThan", [True, False, False]),
        ("LessThanEquals", [True, True, False]),
        ("GreaterThan", [False, False, True]),
        ("GreaterThanEquals", [False, True, True]),
    ],
)
@rows(
    "kind, wanted, values",
    [
        ("Numeric", "10", ("9", "10", "10.5")),
        ("Numeric", "-1", ("-2", "-1", "0")),
        ("Date", "2020-04-01T00:00:00Z", ("2020-03-31T23:59:59Z", "2020-04-01", "2020-04-01T00:00:00.001Z")),
        ("Date", "1585699200", ("2020-03-31", "2020-04-01T01:00+01:00", "2020-04-01T00:00-00:01")),
    ],
)
def test_the_request_is_on_the_left_of_a_comparison(kind, wanted, values, comparison, of_smaller_same_and_greater):
    outcome = [holds(f"{kind}{comparison}", [wanted], value) for value in values]

    assert outcome == of_smaller_same_and_greater


@rows("operator", ["NumericLessThan", "NumericGreaterThan", "DateLessThan", "DateGreaterThan"])
def test_an_unreadable_value_satisfies_neither_an_operator_nor_its_negation(operator):
    assert not holds(operator, ["1"], "never")
    assert not holds(operator, ["never"], "1")


@rows(
    "wanted, value, matches",
    [
        ("true", "true", True),
        ("false", "false", True),
        ("TRUE", "true", True),
        ("false", "False", True),
        ("true", "false", False),
        ("false", "true", False),
        ("yes", "yes", False),
        ("false", "", False),
    ],
)
def test_booleans_are_compared_case_insensitively(wanted, value, matches):
    assert holds("Bool", [wanted], value) == matches


@rows(
    "wanted, value, matches",
    [
        ("QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
        ("YQ==", "YR==", True),
        ("YQ==", "Yg==", False),
        ("YQ==", "yq==", False),
        ("!", "!", False),
        ("é", "é", False),
    ],
)
def test_bytes_are_compared_exactly(wanted, value, matches):
    assert holds("BinaryEquals", [wanted], value) == matches


@each
@given(
    st.sampled_from(sorted(_NEGATIONS.items())),
    st.lists(st.one_of(st.text("a*?:${}1.-", max_size=8), st.sampled_from([TOPIC, "1", "10.0.0.0/8"])), min_size=1),
    st.one_of(st.text("a*?:${}1.-", max_size=8), st.sampled_from([TOPIC, "1", "10.0.0.1"])),
    st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]),
)
def test_an_operator_and_its_negation_never_both_match_one_value(operators, wanted, value, prefix):
    positive, negated = (holds(f"{prefix}{name}", wanted, value) for name in operators)

    assert positive != negated or (prefix and not value)


# --- Keys that are absent ---


@rows("operator", [*_NEGATIONS, "Bool", "BinaryEquals", "NumericLessThan", "DateGreaterThanEquals"])
def test_an_absent_key_satisfies_no_positive_operator(operator):
    assert not holds_without_key(operator, "*")


@rows("operator", _NEGATIONS.values())
def test_an_absent_key_satisfies_a_negated_operator(operator):
    assert holds_without_key(operator, "*")


@rows("operator", [*_NEGATIONS, *_NEGATIONS.values(), "Bool", "ForAnyValue:StringLike"])
def test_an_absent_key_satisfies_if_exists(operator):
    assert holds_without_key(f"{operator}IfExists", "x")


@rows(
    "wanted, if_absent, if_present",
    [
        (["true"], True, False),
        (["True"], True, False),
        (["false"], False, True),
        (["true", "false"], True, True),
        (["x"], False, False),
    ],
)
def test_null_checks_whether_the_key_is_absent(wanted, if_absent, if_present):
    assert holds_without_key("Null", *wanted) == if_absent
    assert holds("Null", wanted) == if_absent
    assert holds("Null", wanted, "value") == if_present
    assert holds("Null", wanted, "") == if_present


# --- Keys of several values ---


@rows(
    "operator, values, outcome",
    [
        ("ForAllValues:StringEquals", ["a"], True),
        ("ForAllValues:StringEquals", ["b", "a"], True),
        ("ForAllValues:StringEquals", ["a", "c"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAllValues:StringEquals", [""], True),
        ("ForAllValues:StringEquals", ["", "c"], False),
        ("ForAllValues:StringNotEquals", ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "c"], False),
        ("ForAllValues:StringNotEquals", [], True),
        ("ForAllValues:StringEqualsIfExists", ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["c", "d"], False),
        ("ForAnyValue:StringEquals", [], False),
        ("ForAnyValue:StringNotEquals", ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", [], False),
        ("ForAnyValue:StringNotEquals", [""], False),
        ("ForAnyValue:StringEqualsIfExists", [], False),
        ("StringEquals", ["c", "a"], True),
        ("StringEquals", ["c", "d"], False),
        ("StringEquals", [], False),
        ("StringNotEquals", ["c", "d"], True),
        ("StringNotEquals", ["c", "a"], False),
        ("StringNotEquals", [], True),
    ],
)
def test_a_set_operator_checks_all_values_or_any(operator, values, outcome):
    assert holds(operator, ["a", "b"], *values) == outcome


@rows(
    "operator, outcome",
    [
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAllValues:StringEqualsIfExists", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
    ],
)
def test_an_absent_key_satisfies_for_all_values_but_not_for_any_value(operator, outcome):
    assert holds_without_key(operator, "a") == outcome


# --- Variables ---


@rows(
    "operator, wanted, value",
    [
        ("StringEquals", "${aws:PrincipalTag/team}", "Yellow*"),
        ("StringEqualsIgnoreCase", "${aws:PrincipalTag/team}", "yelloW*"),
        ("StringLike", "${aws:PrincipalTag/team}-?", "Yellow*-1"),
        ("ArnLike", "arn:aws:sns:*:*:${aws:PrincipalTag/team}", "arn:aws:sns:us-east-1:123456789012:Yellow*"),
        ("ArnEquals", "arn:aws:sns:*:*:${aws:PrincipalTag/team}", "arn:aws:sns:us-east-1:123456789012:Yellow*"),
    ],
)
def test_text_and_arns_can_contain_variables(operator, wanted, value):
    like, unlike = {operator: {KEY: [wanted]}}, {_NEGATIONS[operator]: {KEY: [wanted]}}
    context = {KEY: [value], "aws:principaltag/team": ["Yellow*"]}

    assert satisfied(condition(like), context)
    assert not satisfied(condition(unlike), context)
    assert not satisfied(condition(like, Pattern.plain), context)
    assert not satisfied(condition(like), {KEY: [value]})
    assert satisfied(condition(unlike), {KEY: [value]})


@rows(
    "operator, value",
    [("NumericEquals", "1"), ("DateEquals", "2020"), ("Bool", "true"), ("BinaryEquals", "YQ=="), ("IpAddress", "::1")],
)
def test_no_other_operator_supports_variables(operator, value):
    like = {operator: {KEY: ["${aws:other}"]}}

    assert not satisfied(condition(like), {KEY: [value], "aws:other": [value]})


@rows("operator", ["StringEquals", "StringEqualsIgnoreCase", "StringLike"])
def test_a_variable_is_plain_text_if_variables_are_unsupported(operator):
    assert satisfied(condition({operator: {KEY: ["${aws:x}"]}}, Pattern.plain), {KEY: ["${aws:x}"]})


# --- Whole conditions ---

_CONDITION = {
    "StringEquals": {"aws:PrincipalTag/department": ["finance", "hr"], "aws:PrincipalTag/role": ["audit"]},
    "IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]},
}
_REQUEST = {
    "aws:principaltag/department": ["hr"],
    "aws:principaltag/role": ["audit"],
    "aws:sourceip": ["203.0.113.9"],
}


def test_a_condition_is_satisfied_if_all_operators_hold_for_all_keys():
    assert satisfied(condition(_CONDITION), _REQUEST)


@rows("key", [*_REQUEST])
def test_a_condition_is_not_satisfied_if_one_key_fails(key):
    assert not satisfied(condition(_CONDITION), _REQUEST | {key: ["other"]})


def test_an_empty_condition_is_satisfied():
    assert satisfied({}, {})


def test_condition_keys_are_given_in_lower_case():
    assert keys_of(_CONDITION) == set(_REQUEST)
    assert keys_of({}) == set()
