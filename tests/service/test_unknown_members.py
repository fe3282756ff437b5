"""What the service does not know of a request, at any depth."""

import json

from conformance.raw import post
from tables import rows

MEMBERS = {
    "in a list": {"Tags": [{"Key": "k", "Value": 1, "Valeu": "hunter22"}]},
    "in a structure": {"AddReplicaRegions": [{"Regoin": "hunter22", "Region": 1}]},
    "in place of a text": {"Description": {"SecretString": "hunter22"}},
    "in a list in place of a text": {"Description": ["hunter22"]},
    "in place of a list": {"Tags": {"SecretString": "hunter22"}},
    "in the value": {"SecretString": {"password": "hunter22"}},
}


@rows("members", MEMBERS)
def test_unknown_members_of_a_refused_request_are_dropped_at_any_depth(secrets_backend, members):
    refused = post("CreateSecret", {"Name": "db", "ClientRequestToken": "t" * 32, **members})

    assert refused.status_code == 400
    assert secrets_backend.calls[0].params["Name"] == "db"
    assert "hunter22" not in str(secrets_backend.calls[0].params)
    assert "hunter22" not in json.dumps(list(secrets_backend.cloudtrail))
