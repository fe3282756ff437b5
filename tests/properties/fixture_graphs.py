"""Test modules in which fixtures of wider scopes hold mocks in every way, and tests ask for some of them."""

import random
from textwrap import indent

SCOPES = ["session", "module", "class"]

HEAD = """
import pytest
from mock_secrets import mock_secrets
from mock_secrets.activation import current

def tell(what):
    '''Write down who began the mock that is in force. What a test made in it is undone.'''
    running = current()
    began = None if running is None else running.origin.split(",")[0]
    with open("told.txt", "a") as told:
        print(what, "is in the mock of", began, file=told)
    assert running is None or "made-by-a-test" not in running.backend
"""

# How a fixture holds a mock: what stands above it, and around its code.
HOLDING = {
    "nothing": ("", "{code}"),
    "twin": ("", "{code}"),
    "with": ("", "with mock_secrets():\n{indented}"),
    "start": ("", "mock = mock_secrets()\nmock.start()\n{code}\nmock.stop()"),
    "decorator": ("@mock_secrets\n", "{code}"),
}


class Graph:
    """The source of one such module, the same for the same seed."""

    def __init__(self, seed):
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._scopes = {}
        fixtures = [self._fixture(f"fixture_{number}") for number in range(self._random.randint(3, 6))]
        classes = [self._class(number) for number in range(2)]
        self.source = "\n\n".join([HEAD, *fixtures, *classes, *(self._test(f"test_{name}") for name in "abc")])

    def _fixture(self, name):
        scope = self._random.choice(SCOPES)
        wider = [other for other, its in self._scopes.items() if SCOPES.index(its) <= SCOPES.index(scope)]
        self._scopes[name] = scope
        named = self._some(wider, 0.4)
        late = self._some([other for other in wider if other not in named], 0.2)
        holding = self._random.choice([*HOLDING, "nothing"])
        arguments = self._shuffled([*named, "request", *([f"{scope}_secrets_backend"] if holding == "twin" else [])])
        asking = [f"request.getfixturevalue({other!r})" for other in late]
        code = "\n".join([*asking, f"tell('{name} set up')", "yield", f"tell('{name} torn down')"])
        above, around = HOLDING[holding]
        return (
            f"@pytest.fixture(scope={scope!r}, autouse={self._random.random() < 0.1})\n{above}def {name}({arguments}):\n"
            + indent(around.format(code=code, indented=indent(code, "    ")), "    ")
        )

    def _test(self, name, *first):
        named = self._some([*self._scopes, "module_secrets_backend"], 0.3)
        way = self._random.choice(["", "", "@mock_secrets\n", "@pytest.mark.mock_secrets\n", "secrets_backend"])
        above, own = ("", [way]) if way == "secrets_backend" else (way, [])
        makes = "\n    current().backend.create('made-by-a-test', 's3cret')" if way else ""
        arguments = ", ".join(filter(None, [*first, self._shuffled([*named, *own])]))
        return f"{above}def {name}({arguments}):\n    tell('{name}'){makes}"

    def _class(self, number):
        tests = [self._test(f"test_{number}_{name}", "self") for name in "ab"]
        return f"class Test{number}:\n" + "\n\n".join(indent(test, "    ") for test in tests)

    def _some(self, names, share):
        return [name for name in names if self._random.random() < share]

    def _shuffled(self, names):
        return ", ".join(self._random.sample(names, len(names)))
