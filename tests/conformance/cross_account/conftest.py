import json

import pytest
from conformance.cross_account.sides import PRIMARY_ACCOUNT, REPLICA_ACCOUNT, lets_use
from conformance.policies import policy

from mock_secrets.protocol.shapes import operations


@pytest.fixture(autouse=True)
def new_enough_botocore():
    if "AssociateCrossAccountReplica" not in operations():
        pytest.skip("botocore older than 1.44.2")


@pytest.fixture
def there(secrets_backend):
    """A client of the replica's account."""
    return secrets_backend.session(account_id=REPLICA_ACCOUNT).client("secretsmanager")


@pytest.fixture
def key_here(secrets_backend):
    return secrets_backend.kms.create_key()


@pytest.fixture
def key_there(secrets_backend):
    """The replica's key, which the primary's account may use."""
    return secrets_backend.kms.create_key(account_id=REPLICA_ACCOUNT, policy=lets_use(PRIMARY_ACCOUNT, REPLICA_ACCOUNT))


@pytest.fixture
def db(client, key_here):
    """The primary, in its account."""
    return client.create_secret(Name="db", SecretString="one", Description="words", KmsKeyId=key_here.arn)["ARN"]


@pytest.fixture
def copy(there, db, key_there):
    """The replica, in its account, not linked yet."""
    return there.create_secret(Name="copy", CrossAccountPrimaryARN=db, KmsKeyId=key_there.arn)["ARN"]


@pytest.fixture
def linked(client, copy):
    client.associate_cross_account_replica(SecretId="db", CrossAccountReplicaARN=copy)
    return copy


@pytest.fixture
def open_policy():
    return json.dumps(policy(Principal={"AWS": REPLICA_ACCOUNT}))
