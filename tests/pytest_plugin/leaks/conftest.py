import pytest
from pytest_plugin.leaks.leaking import LEAK


@pytest.fixture
def run(project):
    """Run a test module, in which there is a function that leaks."""

    def run_it(body, *arguments, **options):
        return project.run(f"{LEAK}\n{body}", *arguments, **options)

    return run_it
