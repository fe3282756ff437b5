"""The doors: every behaviour test runs through each of them and does not know which."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import freezegun
import pytest
import tables
from botocore.validate import ParamValidator
from doors import DOORS
from project import Project

from mock_secrets import SecretsBackend
from mock_secrets.kernel.codes import AWSError
from mock_secrets.protocol.shapes import OperationShape, service_model
from mock_secrets.service.path import Service

pytest_plugins = ["pytester", "conformance.portable.plugin"]

# Else pytest would reckon with frozen time how long a test takes.
freezegun.configure(extend_ignore_list=["_pytest.timing"])

ANY_OPERATION_MAY_RAISE = {"ValidationException", "AccessDeniedException", "SerializationException"}
OLDER_MODELS_LACK = {"PolicyName", "Type"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-fidelity", action="store_true", help="write tests/conformance/FIDELITY.md anew")
    parser.addoption(
        "--rows", choices=("together", "apart"), default="together", help="whether a row of a table is a case"
    )
    parser.addoption("--doors", choices=("one", "all"), default="one", help="through which doors the scenarios go")


@contextmanager
def errors_of(codes: set[str]) -> Iterator[None]:
    try:
        yield
    except AWSError as error:
        if error.code not in codes:
            raise AssertionError(f"{error.code} is not declared for this operation") from error
        raise


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A scenario goes through one door; through every door where that is asked for."""
    if "client" in metafunc.fixturenames:
        doors = list(DOORS) if metafunc.config.getoption("doors") == "all" else ["hook"]
        if metafunc.definition.get_closest_marker("in_process"):
            doors = [door for door in doors if door != "endpoint"]
        metafunc.parametrize("client", doors, indirect=True)


def pytest_configure(config: pytest.Config) -> None:
    tables.ROWS_ARE_CASES |= config.getoption("rows") == "apart"
    config.addinivalue_line(
        "markers",
        "in_process: what it shows is known of calls of this process alone: whose function made them, what stops a program",
    )


@pytest.fixture
def client(request: pytest.FixtureRequest, secrets_backend: SecretsBackend) -> Iterator[Any]:
    """A client for Secrets Manager, answered through one of the doors."""
    with DOORS[request.param](secrets_backend) as client:
        yield client


@pytest.fixture(autouse=True)
def inner_runs_keep_their_order(request: pytest.FixtureRequest) -> None:
    """What reorders this suite, or spreads it over processes, has no part in the projects that a test runs."""
    if "pytester" in request.fixturenames:
        # After pytester, which forgets the options of the outer run.
        request.getfixturevalue("pytester")
        monkeypatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly -p no:reverse -p no:xdist")
        # A module that is written anew within a second is else taken for the one before.
        monkeypatch.setattr("sys.dont_write_bytecode", True)


@pytest.fixture(autouse=True)
def answers_keep_to_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer of every test is one that botocore's model of the operation allows, and so is every error."""
    perform = Service._perform

    def checked(self: Service, shape: OperationShape, *args: Any) -> Any:
        __tracebackhide__ = True
        model = service_model().operation_model(shape.name)
        with errors_of({one.name for one in model.error_shapes} | ANY_OPERATION_MAY_RAISE):
            answer = perform(self, shape, *args)
        if model.output_shape is None:
            assert answer is None, shape.name
        else:
            assert set(answer) - OLDER_MODELS_LACK <= set(model.output_shape.members), shape.name
            known = {name: value for name, value in answer.items() if name in model.output_shape.members}
            report = ParamValidator().validate(known, model.output_shape)
            assert not report.has_errors(), report.generate_report()
        return answer

    monkeypatch.setattr(Service, "_perform", checked)


@pytest.fixture
def unchecked(secrets_backend: SecretsBackend) -> Any:
    """A client that sends what it is given, so that the service's own checks are reached."""
    from botocore.config import Config

    return secrets_backend.client(config=Config(parameter_validation=False))


@pytest.fixture
def project(pytester, monkeypatch):
    """A project of its own, in which pytest runs."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    return Project(pytester)
