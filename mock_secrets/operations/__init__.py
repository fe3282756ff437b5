"""The operations of Secrets Manager: the only code that knows both a request and the model.

An operation is a function named as AWS names it, whose keyword parameters are
the members of its request. Its arguments arrive typed and checked; it returns
the members of the answer by AWS's names, or None where AWS answers nothing.
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
