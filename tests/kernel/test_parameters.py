"""A parameter is declared once: whatever shows the parameters shows what their declarations say."""

import inspect
import sys
import typing

import pytest
from tables import rows

from mock_secrets import SecretsBackend, mock_secrets
from mock_secrets.kernel.options import PARAMETERS

NAMED = pytest.mark.parametrize(("name", "declared"), PARAMETERS.items(), ids=PARAMETERS.keys())


@pytest.mark.skipif(sys.version_info < (3, 11), reason="an older typing forgets overloads")
def test_the_overload_for_type_checkers_lists_the_parameters_in_order():
    overload = inspect.signature(typing.get_overloads(type(mock_secrets).__call__)[-1])

    keywords = [one for one in inspect.signature(mock_secrets).parameters.values() if one.kind is one.KEYWORD_ONLY]
    assert [one for one in overload.parameters.values() if one.name != "self"] == keywords
    assert [one.name for one in keywords] == list(PARAMETERS)
    assert {one.default for one in keywords} == {None}


def test_the_signature_shows_the_decorated_target():
    assert str(inspect.signature(mock_secrets)).startswith("(target: Any = None, /, *, region: ")


@NAMED
def test_the_docstring_explains_each_parameter(name, declared):
    line = f":param {name}: {declared.help} (default: {declared.default_help})."

    assert line in inspect.getdoc(mock_secrets).splitlines()


@NAMED
def test_an_omitted_parameter_has_its_default(name, declared, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")

    # The region's is the process's own.
    assert SecretsBackend().effective[name] == ("eu-west-3" if name == "region" else declared.default())


class TestRegion:
    @rows("region", ["eu-wset-1", "eu-west-9", "EU-WEST-1"])
    def test_an_unknown_region_is_refused_with_the_nearest_match(self, region):
        with pytest.raises(ValueError, match=rf"not '{region}'. Did you mean 'eu-west-\d'"):
            mock_secrets(region=region)

    def test_a_region_newer_than_botocore_is_accepted_with_any_region(self):
        with mock_secrets(region="eu-west-9", any_region=True) as backend:
            assert backend.client().create_secret(Name="db")["ARN"].startswith("arn:aws:secretsmanager:eu-west-9:")
            assert backend.create("other", "v", region="eu-west-8").arn.startswith("arn:aws:secretsmanager:eu-west-8:")
