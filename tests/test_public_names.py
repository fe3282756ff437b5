"""What a user imports."""

import inspect
import subprocess
import sys

import pytest

import mock_secrets


@pytest.mark.parametrize("name", mock_secrets.__all__)
def test_a_public_name_is_there_and_says_what_it_is(name):
    assert name in dir(mock_secrets)
    assert inspect.getdoc(getattr(mock_secrets, name))


def test_the_package_itself_says_what_to_import():
    with pytest.raises(TypeError, match="from mock_secrets import mock_secrets"):
        mock_secrets(lambda: None)


def test_names_that_there_are_not_are_no_attributes():
    assert not hasattr(mock_secrets, "moto")


def test_the_import_alone_loads_nothing_heavy():
    code = "import sys, mock_secrets; print([name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore', 'pytest')])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"  # noqa: S603
