"""Wildcards match what a regular expression would, without its backtracking.

The regular expression is the reference, so it gets short texts only.
"""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.policy.breadth import grants_broad_access
from mock_secrets.policy.document import read_identity_policy, read_policy
from mock_secrets.policy.evaluation import Query, applies
from mock_secrets.policy.patterns import Pattern, action_covers, arn_like, arn_matches, text_matches

# To compare these two, a matcher that backtracks would take longer than anybody has.
STARS = "*a" * 40 + "*b"
LONG = "a" * 400
HEAD = "arn:aws:secretsmanager:us-east-1:123456789012:secret"
CONTEXT = {"aws:username": ["a"], "aws:long": [LONG], "aws:arn": [f"{HEAD}:{LONG}"], "aws:wild": ["*:?"]}

each = settings(deadline=None, derandomize=True, max_examples=500)
pieces = st.sampled_from(
    ["a", "b", ":", "*", "**", "?", "*:", "${aws:username}", "${aws:wild}", "${*}", "arn:", "\n", "."]
)
patterns = st.lists(pieces, max_size=10).map("".join)
components = st.sampled_from(["", "a", "*", "?", "a*", "*a", "${aws:wild}"])


def some_text_like(draw, pattern):
    """A text that the pattern may well match."""
    runs, ones = st.sampled_from(["", "a", "a:", ":b:", "ab"]), st.sampled_from(["a", "b", ":"])
    filled = pattern.replace("${aws:username}", "a").replace("${aws:wild}", "*:?").replace("${*}", "*")
    return "".join(draw(runs) if one == "*" else draw(ones) if one == "?" else one for one in filled)


@st.composite
def compared(draw, patterns=patterns):
    """A pattern and a text to compare it with."""
    pattern = draw(patterns)
    return pattern, draw(st.text("ab:*?\n.", max_size=10)) if draw(st.booleans()) else some_text_like(draw, pattern)


def escaped(pattern):
    """A regular expression but for the wildcards; those in the values of variables are none."""
    values = {"${aws:username}": "a", "${aws:wild}": "\\x2a:\\x3f", "${*}": "\\x2a"}
    for variable, value in values.items():
        pattern = pattern.replace(variable, value)
    return pattern.replace(".", "\\.")


def as_text(expression, text):
    return re.fullmatch(re.sub(r"\*+", ".*", expression.replace("?", ".")), text, re.DOTALL) is not None


@each
@given(compared())
def test_a_wildcard_in_text_matches_like_a_regular_expression(pair):
    pattern, text = pair

    assert text_matches(Pattern.with_variables(pattern), text, CONTEXT) == as_text(escaped(pattern), text)


@each
@given(compared())
def test_a_resource_wildcard_stays_in_its_segment_like_a_regular_expression(pair):
    pattern, arn = pair
    # A star reaches on if a colon, or the end, follows it.
    meaning = {":": ".*:", "*": "[^:]*", "?": "[^:]"}
    expression = re.sub(r"\*+:?|\?", lambda found: meaning[found[0][-1]], f"{escaped(pattern)}:")

    found = re.fullmatch(expression, f"{arn}:", re.DOTALL)

    assert arn_matches(Pattern.with_variables(pattern), arn, CONTEXT) == (found is not None)


@each
@given(compared(st.lists(components, min_size=4, max_size=7).map(lambda parts: ":".join(["arn", *parts]))))
def test_an_arn_is_compared_using_one_regular_expression_per_component(pair):
    pattern, arn = pair
    wanted, there = escaped(pattern).split(":", 5), arn.split(":", 5)

    alike = len(wanted) == len(there) == 6 and there[0] == "arn" and all(map(as_text, wanted, there))

    assert arn_like(Pattern.with_variables(pattern), arn, CONTEXT) == alike


@each
@given(st.text("aB*?", max_size=8), st.text("Ab*?", max_size=8))
def test_an_action_pattern_covers_another_if_its_question_marks_match_no_star(pattern, other):
    expression = "".join(".*" if one == "*" else "[^*]" if one == "?" else one for one in pattern)

    assert action_covers(pattern, other) == (re.fullmatch(expression, other, re.IGNORECASE) is not None)


# --- No backtracking ---


def when(operator, value, key="aws:long"):
    return {"Condition": {operator: {key: value}}}


def statement(**members):
    given = {"Effect": "Allow", "Action": "*", "Resource": "*"} | members
    return {name: member for name, member in given.items() if member is not None}


# What a statement says, and whether it applies all the same.
_FULL_OF_STARS = {
    "Action": ({"Action": f"app:{STARS}"}, False),
    "NotAction": ({"Action": None, "NotAction": f"app:{STARS}"}, True),
    "Resource": ({"Resource": f"arn:aws:secretsmanager:*:*:secret:{STARS}"}, False),
    "Resource, over segments": ({"Resource": "arn:" + "*:a" * 40 + "*:b"}, False),
    "Resource, of variables": ({"Resource": "arn:*:secret:" + "*${aws:username}" * 40 + "*b"}, False),
    "NotResource": ({"Resource": None, "NotResource": f"arn:*:{STARS}"}, True),
    "StringLike": (when("StringLike", STARS), False),
    "StringLike, of variables": (when("StringLike", "*${aws:username}" * 40 + "*b"), False),
    "StringLike, of question marks": (when("StringLike", "*?" * 40 + "*b"), False),
    "StringLike, of a set": (when("ForAnyValue:StringLike", STARS), False),
    "StringNotLike": (when("StringNotLike", STARS), True),
    "ArnLike": (when("ArnLike", f"arn:*:*:*:*:{STARS}", "aws:arn"), False),
    "ArnEquals": (when("ArnEquals", f"arn:*:*:*:*:{STARS}", "aws:arn"), False),
    "ArnNotLike": (when("ArnNotLike", f"arn:*:*:*:*:{STARS}", "aws:arn"), True),
}


@rows("members, applicable", _FULL_OF_STARS)
def test_a_statement_with_many_stars_is_matched_quickly(members, applicable):
    policy = read_identity_policy({"Version": "2012-10-17", "Statement": statement(**members)})
    query = Query(f"app:{LONG}", f"{HEAD}:{LONG}{':a' * 200}", CONTEXT)

    assert applies(policy.statements[0], query) == applicable


def test_a_resource_with_many_unclosed_variables_is_matched_quickly():
    resource = "arn:" + "${" * 2_000 + " " * 2_000

    policy = read_identity_policy({"Version": "2012-10-17", "Statement": statement(Resource=resource)})

    assert applies(policy.statements[0], Query("app:Get", resource, {}))


def test_a_revoked_action_with_many_stars_is_handled_quickly():
    allow = statement(Principal="*", Action=f"app:{LONG}")
    deny = statement(Effect="Deny", Principal="*", Action=f"app:{STARS}")

    policy = read_policy(json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]}))

    assert grants_broad_access(policy)
