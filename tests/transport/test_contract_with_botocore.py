"""The private parts of botocore that this library touches are as it expects them."""

import inspect
import os

import botocore.session
import pytest
from botocore import handlers
from botocore.awsrequest import AWSRequestPreparer
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.credentials import CredentialResolver, EnvProvider, RefreshableCredentials
from botocore.endpoint import Endpoint
from botocore.hooks import HierarchicalEmitter
from botocore.httpsession import URLLib3Session
from botocore.loaders import create_loader
from botocore.regions import EndpointRulesetResolver
from botocore.retries.adaptive import ClientRateLimiter
from botocore.retries.bucket import TokenBucket
from botocore.signers import RequestSigner
from botocore.utils import ContainerMetadataFetcher, IMDSFetcher
from tables import rows

from mock_secrets.transport import (
    configuration,
    connections,
    credentials,
    emitters,
    net,
    pauses,
    resolution,
    signatures,
)

# They came with the host names that are made of an account, and with httpx.
MAY_BE_MISSING = {"account_id", "get_account_id", "AnyioEndpoint"}


@rows(
    "patch",
    [
        *net.PATCHES,
        *credentials.PATCHES,
        *signatures.PATCHES,
        *resolution.PATCHES,
        *emitters.PATCHES,
        *connections.PATCHES,
        *configuration.PATCHES,
        *pauses.PATCHES,
    ],
)
def test_every_patched_attribute_exists_on_its_owner(patch):
    pytest.importorskip(patch.module)

    assert not MAY_BE_MISSING.isdisjoint((patch.kind, patch.name)) or patch.name in vars(patch.owner())


@rows(
    "function, parameters",
    [
        (Endpoint._send, ["self", "request"]),
        (TokenBucket.acquire, ["self", "amount", "block"]),
        (ClientRateLimiter.on_sending_request, ["self", "request", "kwargs"]),
        (RequestSigner.sign, ["self", "operation_name", "request"]),
        (AWSRequestPreparer._prepare_headers, ["self", "original", "prepared_body"]),
        (ContainerMetadataFetcher._retrieve_credentials, ["self", "full_url"]),
        (IMDSFetcher._assert_enabled, ["self"]),
        (botocore.session.Session.get_config_variable, ["self", "logical_name", "methods"]),
        (botocore.session.Session.get_credentials, ["self"]),
        (botocore.session.Session._build_profile_map, ["self"]),
        (ConfiguredEndpointProvider.provide, ["self"]),
        (
            EndpointRulesetResolver._get_provider_params,
            ["self", "operation_model", "call_args", "request_context"],
        ),
    ],
)
def test_patched_functions_have_the_expected_parameters(function, parameters):
    assert list(inspect.signature(function).parameters)[: len(parameters)] == parameters


@rows(
    "function, attribute",
    [
        (Endpoint.__init__, "_endpoint_prefix"),
        (RequestSigner.__init__, "_credentials"),
        (RequestSigner.__init__, "_service_id"),
    ],
)
def test_botocores_objects_store_the_attributes_that_are_read(function, attribute):
    assert f"self.{attribute} = " in inspect.getsource(function)


def test_botocores_endpoint_sleeps_in_one_place_through_the_time_module():
    assert inspect.getsource(inspect.getmodule(Endpoint)).count("sleep(") == 1
    assert "time.sleep(" in inspect.getsource(Endpoint._needs_retry)


def test_a_botocore_session_caches_its_config_and_profile_map():
    session = botocore.session.Session()

    assert session._credentials is session._config is session._profile_map is None
    assert session.full_config is session._config
    assert session._build_profile_map() is session._profile_map


def test_a_botocore_session_builds_its_credential_chain_on_first_use():
    session = botocore.session.Session()

    assert "credential_provider" in session._components._deferred
    chain = session.get_component("credential_provider")
    assert isinstance(chain, CredentialResolver)
    assert "credential_provider" not in session._components._deferred
    assert EnvProvider.METHOD in [provider.METHOD for provider in chain.providers]


def test_refreshable_credentials_store_their_account_id():
    assert not hasattr(RefreshableCredentials, "account_id") or "_account_id" in inspect.getsource(
        RefreshableCredentials.__init__
    )


def test_disabled_instance_metadata_raises_the_retries_exceeded_error():
    fetcher = IMDSFetcher(env={"AWS_EC2_METADATA_DISABLED": "true"})

    with pytest.raises(fetcher._RETRIES_EXCEEDED_ERROR_CLS):
        fetcher._assert_enabled()


def test_the_configured_endpoint_provider_reads_a_replaceable_environment():
    provider = ConfiguredEndpointProvider({}, {}, "secretsmanager")
    provider._environ = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://localhost:4566"}

    assert provider.provide() == "http://localhost:4566"


@rows("name", ["config_file", "credentials_file"])
def test_session_variables_default_to_the_real_aws_files(name):
    assert botocore.session.Session.SESSION_VARIABLES[name][2].startswith(f"~{os.sep}.aws")


def test_an_http_session_exposes_its_proxy_configuration():
    session = URLLib3Session(proxies={"http": "http://proxy.example.com"})

    assert session._proxy_config.proxy_url_for("http://localhost") == "http://proxy.example.com"


def test_botocores_builtin_handlers_and_create_loader_exist():
    assert isinstance(handlers.BUILTIN_HANDLERS, list)
    assert callable(botocore.session.create_loader)


def test_a_botocore_loader_has_a_dictionary_as_its_cache():
    assert create_loader()._cache == {}


def test_an_emitter_has_a_verify_and_register_method():
    assert callable(HierarchicalEmitter._verify_and_register)
