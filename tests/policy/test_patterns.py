"""Wildcards and policy variables, by the examples of the IAM User Guide."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tables import rows

from mock_secrets.policy.patterns import Pattern, action_matches, arn_like, arn_matches, substituted, text_matches

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:team/db-AbCdEf"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"

CONTEXT = {
    "aws:username": ["carlos"],
    "aws:userid": ["AROAEXAMPLE:session"],
    "aws:principaltag/team": ["yellow"],
    "aws:principaltag/wild": ["*"],
    "aws:principaltag/one": ["?"],
    "aws:principaltag/regular": [".*"],
    "aws:principaltag/nested": ["${aws:username}"],
    "aws:principaltag/empty": [""],
    "aws:principaltag/home": [TOPIC],
    "aws:tagkeys": ["a", "b"],
    "aws:principalorgpaths": [],
}

each = settings(deadline=None, derandomize=True)
plain_texts = st.text().filter(lambda text: not set(text) & set("*?$"))


# --- Actions ---


@rows(
    "pattern, action",
    [
        ("secretsmanager:GetSecretValue", "secretsmanager:GetSecretValue"),
        ("secretsmanager:getsecretvalue", "secretsmanager:GetSecretValue"),
        ("SecretsManager:GETSECRETVALUE", "secretsmanager:GetSecretValue"),
        ("secretsmanager:*", "secretsmanager:GetSecretValue"),
        ("secretsmanager:Get*", "secretsmanager:GetSecretValue"),
        ("iam:*AccessKey*", "iam:CreateAccessKey"),
        ("iam:*AccessKey*", "iam:ListAccessKeys"),
        ("secretsmanager:?etSecretValue", "secretsmanager:GetSecretValue"),
        ("*", "secretsmanager:GetSecretValue"),
        ("*:GetSecretValue", "secretsmanager:GetSecretValue"),
    ],
)
def test_an_action_is_matched_case_insensitively(pattern, action):
    assert action_matches(pattern, action)


@rows(
    "pattern, action",
    [
        ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
        ("secretsmanager:GetSecret", "secretsmanager:GetSecretValue"),
        ("etSecretValue", "secretsmanager:GetSecretValue"),
        ("kms:*", "secretsmanager:GetSecretValue"),
        ("secretsmanager:Get?", "secretsmanager:GetSecretValue"),
        ("secretsmanager:Get?ecret", "secretsmanager:Getecret"),
    ],
)
def test_an_action_is_matched_as_a_whole(pattern, action):
    assert not action_matches(pattern, action)


# --- Texts ---


@rows(
    "pattern, text",
    [
        ("home/*", "home/"),
        ("home/*", "home/a/b:c"),
        ("ho?e", "home"),
        ("ho?e", "ho:e"),
        ("ho?e", "ho\ne"),
        ("a*", "a\nb"),
        ("a**b", "ab"),
        ("*", ""),
        ("a.c", "a.c"),
        (r"a\*", r"a\b"),
        ("[a]+", "[a]+"),
    ],
)
def test_a_star_matches_any_run_and_a_question_mark_any_one_character(pattern, text):
    assert text_matches(Pattern.with_variables(pattern), text, {})


@rows(
    "pattern, text",
    [
        ("home", "Home"),
        ("home", "home/"),
        ("home", "a/home"),
        ("home", "home\n"),
        ("ho?e", "hoe"),
        ("ho?e", "hoone"),
        ("a.c", "abc"),
        (r"a\*", "ab"),
        ("", "a"),
    ],
)
def test_a_text_is_matched_as_a_whole_and_case_sensitively(pattern, text):
    assert not text_matches(Pattern.with_variables(pattern), text, {})


@each
@given(plain_texts)
def test_a_text_without_wildcards_matches_itself(text):
    assert text_matches(Pattern.with_variables(text), text, {})
    assert arn_matches(Pattern.with_variables(text), text, {})


@rows("matches", [text_matches, arn_matches])
def test_many_consecutive_stars_take_no_longer_than_one(matches):
    """Each star of its own would try every place for the next, which is more than a lifetime."""
    assert not matches(Pattern.with_variables("*" * 60 + "a"), "b" * 60, {})


# --- Resources ---


@rows(
    "pattern",
    [
        "*",
        SECRET,
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:team/*",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:team/db-??????",
        "arn:aws:secretsmanager:*:*:secret:team/db-*",
        "arn:aws:secretsmanager:us-*-1:123456789012:secret:*db*",
        "arn:aws:secretsmanager:us-east-?:123456789012:secret:team/db-AbCdEf",
        "arn:aws:secretsmanager:*",
        "arn:aws:secretsmanager:us-*:team/db-AbCdEf",
        "arn:*:team/db-AbCdEf",
        "arn:**:team/db-AbCdEf",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:**/db-AbCdEf",
    ],
)
def test_a_wildcard_matches_within_a_segment_but_a_trailing_star_goes_beyond(pattern):
    assert arn_matches(Pattern.with_variables(pattern), SECRET, {})


@rows(
    "pattern",
    [
        "",
        SECRET.upper(),
        SECRET.removesuffix("f"),
        SECRET + ":more",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:team/db-?????",
        "arn:aws:secretsmanager:us-east-1:*2:team/db-AbCdEf",
        "arn:aws:secretsmanager:us-*db-AbCdEf",
        "arn:aws:secretsmanager:us-**db-AbCdEf",
        "arn:aws:secretsmanager?us-east-1:123456789012:secret:team/db-AbCdEf",
        "arn:aws:secretsmanager:*:secret:other",
        "secret:team/db-AbCdEf",
    ],
)
def test_no_other_wildcard_matches_beyond_its_segment(pattern):
    assert not arn_matches(Pattern.with_variables(pattern), SECRET, {})


@rows(
    "pattern, arn, matches",
    [
        ("arn:aws:s3:::bucket/${aws:username}/*", "arn:aws:s3:::bucket/carlos/photo.jpg", True),
        ("arn:aws:s3:::bucket/${aws:username}/*", "arn:aws:s3:::bucket/ana/photo.jpg", False),
        ("arn:aws:s3:::bucket/${aws:userid}", "arn:aws:s3:::bucket/AROAEXAMPLE:session", True),
        ("arn:aws:s3:::bucket/${aws:nothing}", "arn:aws:s3:::bucket/", False),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/wild}", "arn:aws:s3:::bucket/*", True),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/wild}", "arn:aws:s3:::bucket/any", False),
        ("arn:aws:s3:::bucket/${*}", "arn:aws:s3:::bucket/any", False),
    ],
)
def test_a_resource_can_contain_variables(pattern, arn, matches):
    assert arn_matches(Pattern.with_variables(pattern), arn, CONTEXT) == matches


# --- ARNs in conditions ---


@rows(
    "pattern",
    [
        TOPIC,
        "arn:aws:sns:*:123456789012:*",
        "arn:aws:sns:us-east-?:123456789012:al*s",
        "*:*:*:*:*:*",
        "${aws:PrincipalTag/home}",
    ],
)
def test_an_arn_is_compared_component_by_component(pattern):
    assert arn_like(Pattern.with_variables(pattern), TOPIC, CONTEXT)


@rows(
    "pattern",
    [
        "*",
        "arn:aws:sns:*",
        "arn:aws:sns:*:alerts",
        "arn:*:us-east-1:123456789012:alerts",
        "arn:aws:sns:us-east-1*:alerts",
        "arn:aws:SNS:us-east-1:123456789012:alerts",
        "arn:aws:sns:us-west-2:123456789012:alerts",
        "arn:aws:sns:us-east-1:123456789012:alerts:more",
        "arn:aws:sns:us-east-1:123456789012:${aws:nothing}",
        "alerts",
        "",
    ],
)
def test_no_wildcard_matches_two_components(pattern):
    assert not arn_like(Pattern.with_variables(pattern), TOPIC, CONTEXT)


def test_the_last_component_may_contain_colons():
    assert arn_like(Pattern.with_variables("arn:aws:secretsmanager:*:*:secret:team/*"), SECRET, {})
    assert arn_like(Pattern.with_variables("arn:aws:secretsmanager:*:*:*"), SECRET, {})


@rows("text", ["", "alerts", "a:b:c:d:e:f", "arn:aws:sns:us-east-1:123456789012"])
def test_an_invalid_arn_matches_nothing(text):
    assert not arn_like(Pattern.with_variables("*:*:*:*:*:*"), text, {})
    assert not arn_like(Pattern.with_variables(text), text, {})


# --- Variables ---


@rows(
    "text, result",
    [
        ("plain", "plain"),
        ("", ""),
        ("${aws:username}", "carlos"),
        ("${AWS:UserName}", "carlos"),
        ("home/${aws:username}/${aws:PrincipalTag/team}!", "home/carlos/yellow!"),
        ("${aws:PrincipalTag/team, 'company-wide'}", "yellow"),
        ("${aws:PrincipalTag/none, 'company-wide'}", "company-wide"),
        ("${aws:PrincipalTag/none,'company-wide'}", "company-wide"),
        ("${aws:PrincipalTag/none, ''}", ""),
        ("${aws:PrincipalTag/empty}", ""),
        ("${aws:PrincipalTag/empty, 'company-wide'}", ""),
        ("${aws:PrincipalTag/nested}", "${aws:username}"),
        ("${*}", "*"),
        ("${?}", "?"),
        ("${$}", "$"),
        ("${$}{aws:username}", "${aws:username}"),
        ("a*b?c", "a*b?c"),
        ("$5 {x} ${", "$5 {x} ${"),
        ("${}", "${}"),
    ],
)
def test_a_variable_resolves_to_its_value_or_its_default(text, result):
    assert substituted(Pattern.with_variables(text), CONTEXT) == result


@rows(
    "text", ["${aws:PrincipalTag/none}", "${aws:username}${aws:nothing}", "${aws:TagKeys}", "${aws:PrincipalOrgPaths}"]
)
def test_a_variable_with_no_value_or_several_is_unresolved(text):
    assert substituted(Pattern.with_variables(text), CONTEXT) is None
    assert not text_matches(Pattern.with_variables(f"*{text}*"), text, CONTEXT)


@rows(
    "pattern, text, matches",
    [
        ("home/${aws:username}/*", "home/carlos/a", True),
        ("home/${aws:username}/*", "home/ana/a", False),
        ("${aws:PrincipalTag/wild}", "*", True),
        ("${aws:PrincipalTag/wild}", "anything", False),
        ("${aws:PrincipalTag/one}", "?", True),
        ("${aws:PrincipalTag/one}", "x", False),
        ("${aws:PrincipalTag/regular}", "anything", False),
        ("${aws:PrincipalTag/none, '*'}", "anything", False),
        ("${*}.txt", "*.txt", True),
        ("${*}.txt", "a.txt", False),
        ("${?}", "?", True),
        ("${?}", "a", False),
        ("${$}*", "$5", True),
    ],
)
def test_a_variable_value_is_not_treated_as_a_wildcard(pattern, text, matches):
    assert text_matches(Pattern.with_variables(pattern), text, CONTEXT) == matches


@rows("matches", [text_matches, arn_matches])
def test_a_variable_is_plain_text_if_variables_are_unsupported(matches):
    assert matches(Pattern.plain("${aws-username}"), "${aws-username}", CONTEXT)
    assert matches(Pattern.plain("${*}"), "${anything}", CONTEXT)
    assert not matches(Pattern.plain("${aws:username}"), "carlos", CONTEXT)


def test_a_condition_arn_keeps_its_variables_as_text_if_unsupported():
    pattern = "arn:aws:sns:us-east-1:123456789012:${*}"

    assert arn_like(Pattern.plain(pattern), "arn:aws:sns:us-east-1:123456789012:${any}", CONTEXT)
    assert not arn_like(Pattern.plain(pattern), "arn:aws:sns:us-east-1:123456789012:*", CONTEXT)


@each
@given(st.text("*?.\\[]$:{}a"), st.text("*?.\\[]$:{}a"))
def test_a_value_matches_only_itself(value, text):
    context = {"aws:username": [value]}

    assert text_matches(Pattern.with_variables("${aws:username}"), value, context)
    assert arn_matches(Pattern.with_variables("${aws:username}"), value, context)
    assert text_matches(Pattern.with_variables("${aws:username}"), text, context) == (text == value)
    assert arn_matches(Pattern.with_variables("${aws:username}"), text, context) == (text == value)
