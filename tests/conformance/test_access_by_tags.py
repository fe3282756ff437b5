"""Access by attributes: tags of callers and secrets, and the tags that would take a caller's own permission."""

import pytest
from conformance.callers import CALLS, DENIED, SAR, allowing, code_of, denying, document, only
from conformance.fidelity import behaviour
from conformance.policies import policy, put
from tables import rows

CONDITIONS = "Any operation: condition keys"
ABAC = "AWS User Guide, control access to secrets using attribute-based access control (ABAC)"
TAGGING = "AWS API reference, TagResource and UntagResource"
CORE = [{"Key": "team", "Value": "core"}]
OF_ONES_TEAM = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}


@pytest.fixture
def db(client):
    """A secret "db" with a tag."""
    return client.create_secret(Name="db", SecretString="one", Tags=[{"Key": "stage", "Value": "prod"}])["ARN"]


@pytest.fixture
def ann(client, db, secrets_backend):
    """A client of a user who may do everything with the secrets of her team, of which "db" is one."""
    client.tag_resource(SecretId="db", Tags=CORE)
    own = document(allowing("secretsmanager:*", when=OF_ONES_TEAM))
    return secrets_backend.iam.create_user("ann", own, tags={"team": "core"}).client()


# --- Access by attributes ---


@behaviour(CONDITIONS, "a team can use the secrets with its tag", "AWS-DOC", ABAC)
def test_a_team_can_access_its_own_secrets(client, secrets_backend):
    client.create_secret(Name="core/db", SecretString="one", Tags=CORE)
    client.create_secret(Name="web/db", SecretString="one", Tags=[{"Key": "team", "Value": "web"}])
    client.create_secret(Name="db", SecretString="one")
    own = document(allowing("GetSecretValue", when=OF_ONES_TEAM))
    ann = secrets_backend.iam.create_user("ann", own, tags={"team": "core"}).client()
    nobody = secrets_backend.iam.create_user("nobody", own).client()

    assert [code_of(ann, "GetSecretValue", SecretId=name) for name in ("core/db", "web/db", "db")] == [
        None,
        DENIED,
        DENIED,
    ]
    assert code_of(nobody, "GetSecretValue", SecretId="core/db") == DENIED


@behaviour(
    "TagResource", "a tag that would remove the caller's own permission: AccessDeniedException", "AWS-DOC", TAGGING
)
@behaviour("UntagResource", "removing a tag that gives the caller permission is refused", "AWS-DOC", TAGGING)
@rows(
    "operation, request_",
    [
        ("TagResource", {"Tags": [{"Key": "team", "Value": "web"}]}),
        ("TagResource", {"Tags": [{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "web"}]}),
        ("UntagResource", {"TagKeys": ["team"]}),
        ("UntagResource", {"TagKeys": ["stage", "team"]}),
    ],
)
def test_tags_that_would_remove_the_callers_permission(client, ann, operation, request_):
    before = client.describe_secret(SecretId="db")["Tags"]

    assert code_of(ann, operation, SecretId="db", **request_) == DENIED
    assert client.describe_secret(SecretId="db")["Tags"] == before


@behaviour(
    "TagResource", "a tag that would cause an explicit deny for the caller: AccessDeniedException", "AWS-DOC", TAGGING
)
def test_adding_a_tag_that_would_deny_the_caller_is_denied(client, db, app):
    frozen = denying("*", when={"StringEquals": {"aws:ResourceTag/frozen": "yes"}})
    app.set_policy(document(allowing("*"), frozen))

    assert code_of(app.client(), "TagResource", SecretId="db", Tags=[{"Key": "frozen", "Value": "yes"}]) == DENIED
    assert "frozen" not in {tag["Key"] for tag in client.describe_secret(SecretId="db")["Tags"]}


@behaviour("TagResource", "a tag by which the secret's policy would deny the caller is refused", "AWS-DOC", TAGGING)
def test_a_tag_that_would_make_the_secrets_policy_deny_the_caller(client, db):
    when = {"StringEquals": {"aws:ResourceTag/frozen": "yes"}}
    put(client, policy(Effect="Deny", Principal="*", Action="secretsmanager:TagResource", Condition=when))

    assert code_of(client, "TagResource", SecretId="db", Tags=[{"Key": "frozen", "Value": "yes"}]) == DENIED
    assert code_of(client, "TagResource", SecretId="db", Tags=[{"Key": "frozen", "Value": "no"}]) is None


@behaviour("TagResource", "a tag that leaves the caller's permission intact is accepted", "AWS-DOC", TAGGING)
def test_a_tag_that_keeps_the_callers_permission(client, ann):
    ann.tag_resource(SecretId="db", Tags=[{"Key": "cost", "Value": "1"}])
    ann.untag_resource(SecretId="db", TagKeys=["stage"])

    assert {tag["Key"] for tag in client.describe_secret(SecretId="db")["Tags"]} == {"team", "cost"}


@behaviour("TagResource", "a caller limited by aws:RequestTag can add such a tag", "AWS-DOC", SAR)
def test_a_caller_restricted_to_request_tags_can_add_those_tags(client, db, app):
    app.set_policy(document(allowing("TagResource", when={"StringEquals": {"aws:RequestTag/team": "core"}})))

    assert code_of(app.client(), "TagResource", SecretId="db", Tags=[{"Key": "team", "Value": "web"}]) == DENIED
    assert code_of(app.client(), "TagResource", SecretId="db", Tags=CORE) is None


@behaviour("UntagResource", "a caller limited by aws:TagKeys can remove such tags", "AWS-DOC", SAR)
def test_a_caller_restricted_to_tag_keys_can_remove_those_tags(client, db, app):
    app.set_policy(document(allowing("UntagResource", when={"ForAnyValue:StringEquals": {"aws:TagKeys": "stage"}})))

    assert code_of(app.client(), "UntagResource", SecretId="db", TagKeys=["team"]) == DENIED
    assert code_of(app.client(), "UntagResource", SecretId="db", TagKeys=["stage"]) is None


@behaviour("TagResource", "a caller limited by secretsmanager:SecretId can change tags", "AWS-DOC", SAR)
@rows("operation", ["TagResource", "UntagResource"])
def test_a_caller_restricted_to_a_secret_id_can_change_tags(client, db, app, operation):
    app.set_policy(only(operation, StringEquals={"secretsmanager:SecretId": "db"}))

    assert code_of(app.client(), operation, **CALLS[operation]) is None
