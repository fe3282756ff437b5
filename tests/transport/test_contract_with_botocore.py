"""The private parts of botocore that this library touches are as it expects them."""

import inspect

import botocore.session
from botocore import handlers
from botocore.endpoint import Endpoint
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import create_loader
from botocore.signers import RequestSigner


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
