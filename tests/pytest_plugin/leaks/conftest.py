import pytest
from pytest_plugin.leaks.leaking import LEAK


@pytest.fixture
def run(project):
    """Run a test module, or several, in which there is a function that leaks."""

    def run_it(body, *arguments, **options):
        bodies = body if isinstance(body, list) else [body]
        return project.run([f"{LEAK}\n{each}" for each in bodies], *arguments, **options)

    return run_it
