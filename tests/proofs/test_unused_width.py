"""``backend.iam.unused``: patterns of resources that match more than calls needed."""

import pytest
from conformance.callers import ACCOUNT, OTHER_ACCOUNT, allowing, document, named
from tables import rows

SECRETS = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret"
KEYS = f"arn:aws:kms:us-east-1:{ACCOUNT}:key"
EVERYWHERE = "other regions, other accounts and other secrets"


@pytest.fixture
def got(client, secrets_backend):
    """GetSecretValue was called on "app/db", and ListSecrets."""
    secrets_backend.create("app/db", "one", tags={"team": "core"})
    client.get_secret_value(SecretId="app/db")
    client.list_secrets()


@pytest.fixture
def key(client, secrets_backend):
    """A key of the alias "alias/app", under which a secret was read."""
    made = secrets_backend.kms.create_key(alias="alias/app")
    secrets_backend.create("db", "one", kms_key_id=made.arn)
    client.get_secret_value(SecretId="db")
    return made


def unused(iam, on, *, allow=(), when=None, action="GetSecretValue"):
    """The findings of a policy of one statement about a resource."""
    return iam.unused(document(allowing(action, on=on, when=when)), allow=allow)


@rows("on", [named("app/db"), f"arn:*:secretsmanager:us-east-1:{ACCOUNT}:secret:app/db-??????"])
def test_a_name_with_a_suffix_is_not_too_wide(got, iam, on):
    assert unused(iam, on) == []


def test_a_full_arn_is_not_too_wide(got, iam, secrets_backend):
    assert unused(iam, secrets_backend["app/db"].arn) == []


@rows(
    "on, others",
    [
        (f"{SECRETS}:app/db*", "other secrets"),
        (f"{SECRETS}:app/db-*", "other secrets"),
        (f"{SECRETS}:app/d*", "other secrets"),
        (f"{SECRETS}:app/*", "other secrets"),
        (f"{SECRETS}:*b-??????", "other secrets"),
        (f"{SECRETS}:*/db-??????", "other secrets"),
        (f"{SECRETS}:*-??????", "other secrets"),
        (f"{SECRETS}:*", "other secrets"),
        (f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:app/db-??????", "other regions"),
        ("arn:aws:secretsmanager:us-east-1:*:secret:app/db-??????", "other accounts"),
        ("arn:aws:secretsmanager:us-east-1:????????????:secret:app/db-??????", "other accounts"),
        ("arn:aws:secretsmanager:*:*:secret:app/db-??????", "other regions and other accounts"),
        (f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:app/*", "other regions and other secrets"),
        ("arn:aws:secretsmanager:*:*:secret:*", EVERYWHERE),
        ("arn:aws:secretsmanager:*", EVERYWHERE),
        ("arn:aws:secrets*:*", EVERYWHERE),
        ("arn:aws:*", EVERYWHERE),
        ("arn:*", EVERYWHERE),
        ("*", EVERYWHERE),
        # Wildcards inside a part of the ARN.
        (f"{SECRETS}:app/*b-??????", "other secrets"),
        (f"{SECRETS}:a*/db-??????", "other secrets"),
        (f"{SECRETS}:app/d?-??????", "other secrets"),
        (f"{SECRETS}:*app/db-??????", "other secrets"),
        (f"arn:aws:secretsmanager:us-*:{ACCOUNT}:secret:app/db-??????", "other regions"),
        (f"arn:aws:secretsmanager:us-east-?:{ACCOUNT}:secret:app/db-??????", "other regions"),
        ("arn:aws:secretsmanager:us-east-1:12345*:secret:app/db-??????", "other accounts"),
    ],
)
def test_a_pattern_wider_than_needed_is_reported(got, iam, on, others):
    (finding,) = unused(iam, on)

    assert (finding.statement, finding.action, finding.resource) == ("Statement[0]", "", on)
    assert finding.reason == f"also matches {others}; the calls only needed {named('app/db')}"
    assert str(finding) == f"Statement[0]: {on}: {finding.reason}"


def test_everything_needed_from_a_pattern_is_named_once(client, secrets_backend, iam):
    for name in ("app/db", "app/api"):
        secrets_backend.create(name, "one")
        client.get_secret_value(SecretId=name)
        client.get_secret_value(SecretId=name)

    (finding,) = unused(iam, f"{SECRETS}:app/*")

    assert finding.reason == f"also matches other secrets; the calls only needed {named('app/api')}, {named('app/db')}"


def test_each_pattern_of_a_statement_is_judged_separately(got, iam):
    on = [f"{SECRETS}:app/*", f"{SECRETS}:other/*"]

    assert [(one.resource, one.reason.partition(";")[0]) for one in unused(iam, on)] == [
        (on[0], "also matches other secrets"),
        (on[1], "no call needed it"),
    ]


def test_the_name_of_a_missing_secret_is_not_too_wide(client, iam):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="missing")

    assert unused(iam, f"{SECRETS}:missing") == []
    assert [one.resource for one in unused(iam, f"{SECRETS}:missing*")] == [f"{SECRETS}:missing*"]


@rows("action", ["ListSecrets", "BatchGetSecretValue", "GetRandomPassword"])
def test_an_action_without_resources_needs_every_resource(client, secrets_backend, iam, action):
    secrets_backend.create("db", "one")
    client.list_secrets()
    client.get_random_password()
    client.batch_get_secret_value(SecretIdList=["db"])

    assert unused(iam, "*", action=action) == []


def test_every_resource_is_too_wide_for_an_action_next_to_one_without_resources(got, iam):
    (finding,) = iam.unused(document(allowing("ListSecrets", "GetSecretValue")))

    assert finding.reason == f"also matches {EVERYWHERE}; the calls only needed {named('app/db')}"


def test_a_name_with_many_stars_is_judged_quickly(client, secrets_backend, iam):
    """A matcher that backtracks, or compares patterns with each other, would take longer than anybody has."""
    client.get_secret_value(SecretId=secrets_backend.create("a" * 400, "one").arn)
    on = f"{SECRETS}:{'*a' * 40}*b"

    assert [one.resource for one in unused(iam, ["*", on], allow=["*"])] == [on]


# --- Patterns that are meant to be wide ---


@rows("kind", [list, tuple, set])
def test_an_intended_pattern_is_not_reported(got, iam, kind):
    on = f"{SECRETS}:app/*"

    assert unused(iam, on, allow=kind([on])) == []
    assert unused(iam, [on, named("other")], allow=kind([on]))[0].resource == named("other")


@rows("meant", ["*", f"{SECRETS}:*", f"{SECRETS}:app/", f"{SECRETS}:app/**", named("app/db")])
def test_an_intended_pattern_must_match_the_policy_text_exactly(got, iam, meant):
    on = f"{SECRETS}:app/*"

    assert [one.resource for one in unused(iam, on, allow=[meant])] == [on]


def test_an_intended_pattern_must_still_be_needed(got, iam):
    on = f"{SECRETS}:other/*"

    assert [one.reason for one in unused(iam, [on, named("app/db")], allow=[on])] == ["no call needed it"]


def test_a_plain_string_is_not_a_list_of_intended_patterns(got, iam):
    """Its characters would be, and "*" is one that stands in many of them."""
    with pytest.raises(TypeError, match="allow takes a list of resources, not one string"):
        unused(iam, "*", allow="*")


# --- Conditions that say which resources are meant ---


@rows(
    "when",
    [
        {"StringEquals": {"aws:ResourceTag/team": "core"}},
        {"StringEquals": {"AWS:resourcetag/team": "core"}},
        {"StringEquals": {"secretsmanager:ResourceTag/team": "core"}},
        {"StringLike": {"secretsmanager:SecretId": "app/*"}},
    ],
)
@rows("on", ["*", f"{SECRETS}:app/*"])
def test_a_wide_pattern_with_a_condition_on_the_secret_is_not_too_wide(got, iam, on, when):
    assert unused(iam, on, when=when) == []


@rows(
    "when",
    [
        {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
    ],
)
def test_an_unrelated_condition_does_not_narrow_a_pattern(got, iam, when):
    assert [one.resource for one in unused(iam, f"{SECRETS}:app/*", when=when)] == [f"{SECRETS}:app/*"]


def test_a_condition_in_another_statement_does_not_narrow_a_pattern(got, client, iam):
    client.describe_secret(SecretId="app/db")
    tagged = allowing("DescribeSecret", when={"StringEquals": {"aws:ResourceTag/team": "core"}})

    assert [one.statement for one in iam.unused(document(tagged, allowing("GetSecretValue")))] == ["Statement[1]"]


# --- Keys ---


@rows(
    "on, others",
    [
        (f"{KEYS}/*", "other keys"),
        (f"arn:aws:kms:*:{ACCOUNT}:key/*", "other regions and other keys"),
        ("arn:aws:kms:us-east-1:*:key/*", "other accounts and other keys"),
        ("arn:aws:kms:*", "other regions, other accounts and other keys"),
        ("*", "other regions, other accounts and other keys"),
    ],
)
def test_a_key_pattern_wider_than_needed_is_reported(key, iam, on, others):
    (finding,) = unused(iam, on, action="kms:Decrypt")

    assert (finding.action, finding.resource) == ("", on)
    assert finding.reason.startswith(f"also matches {others}; the calls only needed ")


def test_a_key_without_an_alias_is_named_by_its_id(client, secrets_backend, iam):
    plain = secrets_backend.kms.create_key()
    secrets_backend.create("db", "one", kms_key_id=plain.arn)
    client.get_secret_value(SecretId="db")

    (finding,) = unused(iam, f"{KEYS}/*", action="kms:Decrypt")

    assert finding.reason == f"also matches other keys; the calls only needed {plain.arn}"


def test_a_single_key_is_not_too_wide(key, iam):
    assert unused(iam, key.arn, action="kms:Decrypt") == []


@rows("on", ["*", f"{KEYS}/*"])
def test_every_key_with_an_alias_condition_is_not_too_wide(key, iam, on):
    of_alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}

    assert unused(iam, on, when=of_alias, action="kms:Decrypt") == []


def test_every_key_via_secrets_manager_is_too_wide(key, iam):
    by_way = {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}

    assert [one.resource for one in unused(iam, f"{KEYS}/*", when=by_way, action="kms:Decrypt")] == [f"{KEYS}/*"]


# --- Secrets of several places ---


def test_a_region_pattern_is_too_wide_even_if_two_regions_were_needed(secrets_backend, iam):
    for region in ("us-east-1", "eu-west-1"):
        client = secrets_backend.client(region_name=region)
        client.create_secret(Name="db", SecretString="one")

    on = f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:db-??????"
    (finding,) = unused(iam, on, action="CreateSecret")

    assert finding.reason == (
        f"also matches other regions; the calls only needed {named('db', region='eu-west-1')}, {named('db')}"
    )


def test_the_name_of_a_secret_in_another_account_is_not_too_wide(secrets_backend, iam):
    secrets_backend.session(account_id=OTHER_ACCOUNT).client("secretsmanager").create_secret(Name="db")

    assert unused(iam, named("db", account_id=OTHER_ACCOUNT), action="CreateSecret") == []


@pytest.mark.mock_secrets(account_id="999999999999")
def test_the_least_policy_in_any_account_has_nothing_unused(got, iam):
    assert iam.unused(iam.used_permissions()) == []


def test_a_missing_secret_that_looks_suffixed_makes_no_repetition(client, iam):
    client.create_secret(Name="a", SecretString="one")
    client.get_secret_value(SecretId="a")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="a-bcdefg")

    iam.assert_sufficient(iam.used_permissions())
    assert iam.unused(iam.used_permissions()) == []


def test_actions_and_resources_of_different_services_are_not_paired(key, iam):
    statement = allowing("GetSecretValue", on=[named("db"), key.arn])
    statement["Action"] = ["secretsmanager:GetSecretValue", "kms:Decrypt"]

    assert iam.unused(document(statement)) == []
