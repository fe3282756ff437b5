"""The names of resource policies: ``default``, and the one that AWS puts on a replica of another account's secret."""

import json

import pytest
from botocore.exceptions import ClientError
from conformance.callers import allowing, document
from conformance.cross_account.sides import GUIDE, MODEL, PRIMARY_ACCOUNT, UNKNOWN
from conformance.fidelity import behaviour
from conformance.raw import members
from tables import rows

GET, PUT, DELETE, LIST = "GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy", "ListResourcePolicies"
MANAGED = "cross-account-replication"


def names(client, secret_id, **request):
    answer = client.list_resource_policies(SecretId=secret_id, **request)
    return [policy["PolicyName"] for policy in answer["ResourcePolicies"]]


@behaviour(PUT, "only the policy named default can be put", "AWS-DOC", MODEL)
@behaviour(DELETE, "only the policy named default can be deleted", "AWS-DOC", MODEL)
@behaviour(
    PUT,
    "another PolicyName, also to delete one, is found before the secret is looked up: InvalidParameterException",
    "GUESS",
    "no source; other checks on the request come first",
    decided_by="plain calls",
)
@rows("name", ["mine", MANAGED])
def test_a_policy_with_another_name_can_be_neither_put_nor_deleted(there, copy, open_policy, name):
    for call, request in (
        (there.put_resource_policy, {"ResourcePolicy": open_policy}),
        (there.delete_resource_policy, {}),
    ):
        for secret_id in ("copy", "missing"):
            with pytest.raises(there.exceptions.InvalidParameterException):
                call(SecretId=secret_id, PolicyName=name, **request)

    assert names(there, "copy") == [MANAGED]


@behaviour(GET, "another PolicyName that doesn't exist: ResourceNotFoundException", "AWS-DOC", MODEL)
def test_a_missing_policy_is_an_error(client, db):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_resource_policy(SecretId="db", PolicyName=MANAGED)


@behaviour(GET, "the policy that AWS attaches to a cross-account replica can be read by its name", "AWS-DOC", GUIDE)
@behaviour(
    GET,
    "that policy allows AcceptCrossAccountReplication to the primary's account",
    "GUESS",
    "no source shows the policy",
    decided_by="a second account",
)
def test_the_managed_policy_is_returned_by_its_name(there, copy):
    answer = members(there.get_resource_policy(SecretId="copy", PolicyName=MANAGED))

    (statement,) = [json.loads(answer.pop("ResourcePolicy"))["Statement"]]
    assert answer == {"ARN": copy, "Name": "copy", "PolicyName": MANAGED}
    assert statement["Action"] == "secretsmanager:AcceptCrossAccountReplication"
    assert PRIMARY_ACCOUNT in statement["Principal"]["AWS"]


@behaviour(LIST, "default comes first, then the others", "AWS-DOC", MODEL)
@behaviour(
    LIST, "a secret without a policy lists no policy, not even default", "GUESS", UNKNOWN, decided_by="plain calls"
)
def test_listing_policies_puts_the_default_first(client, there, copy, open_policy):
    before = names(there, "copy")
    there.put_resource_policy(SecretId="copy", PolicyName="default", ResourcePolicy=open_policy)

    assert (before, names(client, "db")) == ([MANAGED], [])
    assert names(there, "copy") == ["default", MANAGED]


@behaviour(LIST, "the list has pages", "AWS-DOC", MODEL)
def test_policies_are_listed_in_pages(there, copy, open_policy):
    there.put_resource_policy(SecretId="copy", ResourcePolicy=open_policy)

    pages = there.get_paginator("list_resource_policies").paginate(SecretId="copy", PaginationConfig={"PageSize": 1})

    listed = [[policy["PolicyName"] for policy in page["ResourcePolicies"]] for page in pages]
    assert listed == [["default"], [MANAGED]]
    with pytest.raises(there.exceptions.InvalidNextTokenException):
        there.list_resource_policies(SecretId="copy", NextToken="bm90IG9uZQ==")


@behaviour(GET, "the condition key secretsmanager:PolicyName is the name that was sent", "AWS-DOC", GUIDE)
@behaviour(DELETE, "the condition key secretsmanager:PolicyName is the name that was sent", "AWS-DOC", GUIDE)
@rows("operation", ["get_resource_policy", "delete_resource_policy"])
def test_the_policy_name_is_a_condition_key(secrets_backend, db, operation):
    when = {"StringEquals": {"secretsmanager:PolicyName": "default"}}
    user = secrets_backend.iam.create_user("app", document(allowing(GET, DELETE, when=when))).client()

    with pytest.raises(ClientError):
        getattr(user, operation)(SecretId="db")

    assert getattr(user, operation)(SecretId="db", PolicyName="default")["PolicyName"] == "default"


def test_the_records_of_the_new_operations(client, there, secrets_backend, linked, db):
    client.list_resource_policies(SecretId="db")
    client.disassociate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=linked)
    trail = secrets_backend.cloudtrail

    (made,) = trail.lookup(name="AssociateCrossAccountReplica")
    (listed,) = trail.lookup(name="ListResourcePolicies")
    (parted,) = trail.lookup(name="DisassociateCrossAccountReplica")

    for record in (made, parted):
        assert record["requestParameters"] == {"secretId": "db", "crossAccountReplicaARN": linked}
        assert (record["responseElements"], record["readOnly"]) == ({"arn": db}, False)
    assert (listed["responseElements"], listed["readOnly"]) == (None, True)
