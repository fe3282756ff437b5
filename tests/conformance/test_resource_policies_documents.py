"""What a resource policy may be, and how it is given back."""

import json

import pytest
from botocore.exceptions import ClientError
from conformance.fidelity import behaviour
from conformance.policies import CONSOLE, CROSS_ACCOUNT, OURS, ROOT, policy, policy_of, put, state
from tables import rows

PUT, GET = "PutResourcePolicy", "GetResourcePolicy"

SYNTAX_ERROR = "This resource policy contains a syntax error."
UNSUPPORTED = "This resource policy contains an unsupported principal."
INVALID_SERVICE = "This resource policy contains an invalid service principal."

REMOVED = "recorded responses in GitHub cloud-custodian/cloud-custodian, test_secretsmanager_remove_matched"


@behaviour(
    GET,
    "the document is reformatted over indented lines, with its members in the order in which they were put",
    "AWS-VERIFIED",
    REMOVED,
)
def test_a_policy_is_returned_as_the_service_formats_it(client, db):
    statement = {
        "Sid": "SpecificAllow",
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    put(client, json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":")))

    text = client.get_resource_policy(SecretId="db")["ResourcePolicy"]

    assert text == (
        '{\n  "Version" : "2012-10-17",\n  "Statement" : [ {\n    "Sid" : "SpecificAllow",\n    "Effect" : "Allow",\n'
        '    "Principal" : {\n      "AWS" : "arn:aws:iam::123456789012:root"\n    },\n'
        '    "Action" : "secretsmanager:GetSecretValue",\n    "Resource" : "*"\n  } ]\n}'
    )


@behaviour(
    GET,
    "lists are written on one line, and empty ones contain a space",
    "GUESS",
    "Jackson's default pretty printer",
    decided_by="plain calls",
)
def test_lists_are_written_on_one_line(client, db):
    one = policy(Action=["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], Condition={})["Statement"]
    put(client, {"Statement": one * 2, "Id": "two", "Version": "2012-10-17"})

    text = client.get_resource_policy(SecretId="db")["ResourcePolicy"]

    assert text.count('    "Action" : [ "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret" ],\n') == 2
    assert text.count('    "Condition" : { }\n') == 2
    assert "\n  }, {\n" in text
    assert text.endswith('\n  } ],\n  "Id" : "two",\n  "Version" : "2012-10-17"\n}')


@behaviour(
    GET,
    "putting back the policy that was read changes nothing",
    "GUESS",
    "follows from the form of the document",
    decided_by="plain calls",
)
def test_a_returned_policy_can_be_put_back(client, db):
    put(client, OURS)
    text = client.get_resource_policy(SecretId="db")["ResourcePolicy"]

    put(client, text)

    assert client.get_resource_policy(SecretId="db")["ResourcePolicy"] == text


@behaviour(PUT, "ResourcePolicy has 1 to 20480 characters", "AWS-DOC", "AWS API reference, PutResourcePolicy")
def test_a_policy_of_20480_characters_is_accepted(client, db):
    put(client, json.dumps(OURS).ljust(20_480))

    assert policy_of(client) == OURS


@behaviour(
    PUT,
    "an empty policy, or one that is too long: ValidationException",
    "GUESS",
    "constraints of the service's model",
    decided_by="plain calls",
)
@rows("text", ["", json.dumps(OURS).ljust(20_481)])
def test_put_resource_policy_refuses_an_empty_or_too_long_policy(client, unchecked, secrets_backend, db, text):
    put(client, OURS)
    before = state(secrets_backend)

    with pytest.raises(ClientError) as caught:
        put(unchecked, text)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert state(secrets_backend) == before


_SYNTAX_ERRORS = {
    "not JSON": "not a policy",
    "half a document": json.dumps(OURS)[:-1],
    "a list": "[]",
    "text": '"Allow"',
    "a number": "5",
    "null": "null",
    "empty": {},
    "no statement": {"Version": "2012-10-17"},
    "no statements": {"Version": "2012-10-17", "Statement": []},
    "a statement that is text": {"Version": "2012-10-17", "Statement": "Allow"},
    "a list of text": {"Version": "2012-10-17", "Statement": ["Allow"]},
    "an empty statement": {"Version": "2012-10-17", "Statement": [{}]},
    "a wrong version": {**OURS, "Version": "2020-01-01"},
    "a version that is a number": {**OURS, "Version": 2012},
    "an unknown member": {**OURS, "Owner": "me"},
    "a member in another case": {**OURS, "version": "2012-10-17"},
    "an unknown member of a statement": policy(Owner="me"),
    "no effect": policy(Effect=None),
    "a wrong effect": policy(Effect="Permit"),
    "an effect in another case": policy(Effect="allow"),
    "no principal": policy(Principal=None),
    "an empty principal": policy(Principal={}),
    "a principal that is a list": policy(Principal=["*"]),
    "a principal that is an ARN": policy(Principal=ROOT),
    "no principals": policy(Principal={"AWS": []}),
    "a principal that is a number": policy(Principal={"AWS": 123456789012}),
    "both kinds of principal": policy(NotPrincipal={"AWS": ROOT}),
    "no action": policy(Action=None),
    "no actions": policy(Action=[]),
    "an action without a service": policy(Action="GetSecretValue"),
    "both kinds of action": policy(NotAction="secretsmanager:DeleteSecret"),
    "no resource": policy(Resource=None),
    "a resource that is a number": policy(Resource=5),
    "both kinds of resource": policy(NotResource="*"),
    "a condition that is text": policy(Condition="always"),
    "a condition without keys": policy(Condition={"StringEquals": {}}),
    "a condition that compares text": policy(Condition={"StringEquals": "aws:username"}),
    "a condition that compares null": policy(Condition={"StringEquals": {"aws:username": None}}),
    "an unknown condition operator": policy(Condition={"StringMatches": {"aws:username": "bob"}}),
    "the second statement": {**OURS, "Statement": [*OURS["Statement"], {}]},
}


_MALFORMED = {
    **{name: (document, SYNTAX_ERROR) for name, document in _SYNTAX_ERRORS.items()},
    **{
        f"{member} {principal}": (policy(**{"Principal": None, member: principal}), UNSUPPORTED)
        for member in ("Principal", "NotPrincipal")
        for principal in (
            {"AWS": "bob"},
            {"AWS": [ROOT, "arn:aws:iam::*:root"]},
            {"AWS": "arn:aws:iam::123456789012:group/staff"},
            {"Robot": "r2d2"},
        )
    },
    **{
        f"the service {name}": (policy(Principal={"Service": name}), INVALID_SERVICE)
        for name in ("*", "lambda", "lambda.example.com")
    },
}


@behaviour(PUT, "a syntax error: MalformedPolicyDocumentException", "AWS-DOC", CONSOLE)
@behaviour(
    PUT,
    "if a policy is refused, the previous one stays",
    "GUESS",
    "a refused call changes nothing",
    decided_by="plain calls",
)
@behaviour(
    PUT,
    "an invalid principal: MalformedPolicyDocumentException",
    "REPORTED",
    "GitHub hashicorp/terraform-provider-aws, GitHub tekumara/notes, AWS User Guide of 2020",
)
@behaviour(PUT, "an invalid service principal is refused: the sentence", "AWS-DOC", CONSOLE)
@behaviour(
    PUT,
    "an invalid service principal: the code is MalformedPolicyDocumentException",
    "GUESS",
    "no source names the code",
    decided_by="plain calls",
)
@rows("document, sentence", _MALFORMED)
def test_a_malformed_policy_is_refused(client, secrets_backend, db, document, sentence):
    put(client, OURS)
    before = state(secrets_backend)

    with pytest.raises(client.exceptions.MalformedPolicyDocumentException) as caught:
        put(client, document)

    assert caught.value.response["Error"]["Message"] == sentence
    assert state(secrets_backend) == before


@behaviour(PUT, "a principal that IAM allows is accepted", "AWS-VERIFIED", CROSS_ACCOUNT)
@rows(
    "principal",
    [
        {"AWS": "111122223333"},
        {"AWS": ["arn:aws:iam::111122223333:user/bob", "arn:aws:sts::111122223333:assumed-role/app/session"]},
        {"Service": "lambda.amazonaws.com"},
    ],
)
def test_a_supported_principal_is_accepted(client, db, principal):
    put(client, policy(Principal=principal))

    assert policy_of(client)["Statement"][0]["Principal"] == principal
