"""The operations of Secrets Manager: the only code that knows both the requests and the model.

An operation is a function with AWS's name in snake case. Its keyword parameters are the members of the request, which
arrive typed and checked. It returns the members of the response under AWS's names, or None if the response is empty.
"""

from mock_secrets.operations import (
    cross_account,
    listing,
    passwords,
    policies,
    replication,
    rotation,
    secrets,
    tags,
    values,
)
from mock_secrets.operations.registry import OPERATIONS

__all__ = [
    "OPERATIONS",
    "cross_account",
    "listing",
    "passwords",
    "policies",
    "replication",
    "rotation",
    "secrets",
    "tags",
    "values",
]
