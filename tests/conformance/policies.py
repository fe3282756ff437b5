"""Resource policies to put, and reading them back."""

import json

from conformance.raw import snapshot, stored

from mock_secrets.protocol.shapes import service_model

ROOT = "arn:aws:iam::123456789012:root"
CONSOLE = "AWS User Guide of 2021, attaching a permissions policy"
CROSS_ACCOUNT = "LocalStack AWS-validated test test_cross_account_access"


def policy(**members_of_statement):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ROOT},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        **members_of_statement,
    }
    given = {name: member for name, member in statement.items() if member is not None}
    return {"Version": "2012-10-17", "Statement": [given]}


def put(client, document, **request):
    text = document if isinstance(document, str) else json.dumps(document)
    return client.put_resource_policy(**{"SecretId": "db", "ResourcePolicy": text, **request})


def let_in(client, account_id, secret_id="db"):
    """Have a secret leave it to another account who may do what with it."""
    root = f"arn:aws:iam::{account_id}:root"
    put(client, policy(Principal={"AWS": root}, Action="secretsmanager:*"), SecretId=secret_id)


def policy_of(client, secret_id="db"):
    text = client.get_resource_policy(SecretId=secret_id).get("ResourcePolicy")
    return None if text is None else json.loads(text)


def state(backend):
    return [*snapshot(backend), stored(backend).policy]


OURS = policy(Sid="Ours")


#: What the operations on policies answer of their name, where botocore knows of names.
NAMED = (
    {"PolicyName": "default"}
    if "PolicyName" in service_model().operation_model("PutResourcePolicy").output_shape.members
    else {}
)
