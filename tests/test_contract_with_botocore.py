"""The private parts of botocore that this library touches are as it expects them."""

import inspect

import botocore.session
import pytest
from botocore import handlers
from botocore.endpoint import Endpoint
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import create_loader
from botocore.signers import RequestSigner

from mock_secrets.operations import OPERATIONS
from mock_secrets.protocol.shapes import operations, service_model


def test_requests_leave_through_endpoint_send():
    assert list(inspect.signature(Endpoint._send).parameters) == ["self", "request"]


def test_an_endpoint_knows_its_prefix():
    assert "_endpoint_prefix" in inspect.getsource(Endpoint.__init__)


def test_a_signer_signs_for_a_name_with_credentials_of_its_own():
    assert list(inspect.signature(RequestSigner.get_auth_instance).parameters)[:2] == ["self", "signing_name"]
    assert "_credentials" in inspect.getsource(RequestSigner.__init__)


def test_sessions_take_builtin_handlers_and_make_their_loader_by_name():
    assert isinstance(handlers.BUILTIN_HANDLERS, list)
    assert callable(botocore.session.create_loader)


def test_a_loader_keeps_what_it_read_in_a_dictionary():
    assert create_loader()._cache == {}


def test_an_emitter_registers_through_one_method():
    assert callable(HierarchicalEmitter._verify_and_register)


def test_every_operation_of_ours_is_one_of_the_services():
    assert OPERATIONS.keys() <= operations().keys()


def test_an_operation_takes_the_members_that_the_model_gives_it():
    older_models_lack = {"type", "rotation_token"}
    not_supported_yet = {"cross_account_primary_arn", "policy_name"}

    for name, operation in OPERATIONS.items():
        theirs = {member.argument for member in operations()[name].members}

        assert theirs - operation.takes <= not_supported_yet, name
        assert operation.takes - theirs <= older_models_lack, name


def test_a_member_that_is_not_supported_yet_names_itself(client):
    if "PolicyName" not in service_model().operation_model("PutResourcePolicy").input_shape.members:
        pytest.skip("this botocore has no member that is not supported")

    with pytest.raises(NotImplementedError, match="policy_name of GetResourcePolicy"):
        client.get_resource_policy(SecretId="db", PolicyName="other")
