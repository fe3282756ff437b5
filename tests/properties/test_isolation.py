"""Each test and each fixture is in the same mock in every order of the tests, and when a test runs alone."""

import os

import pytest
from project import QUICK
from properties.fixture_graphs import Graph

SEEDS = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 6

ORDERS = ["items", "items[::-1]", "random.Random(1).sample(items, len(items))"]


class Runs:
    """Runs of one test module, in an order or of a part of its tests."""

    def __init__(self, pytester, source):
        self._pytester = pytester
        pytester.makepyfile(test_graph=source)

    def told(self, order="items"):
        """Which tests and fixtures were in whose mock, each in one."""
        told = self._pytester.path / "told.txt"
        told.write_text("")
        self._pytester.makeconftest(
            f"import random\n\ndef pytest_collection_modifyitems(items):\n    items[:] = {order}\n"
        )
        result = self._pytester.runpytest_inprocess(*QUICK)
        assert result.ret == 0, result.stdout.str()
        lines = set(told.read_text().splitlines())
        assert len(lines) == len({line.split(" is in ")[0] for line in lines})
        return lines


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_test_and_its_fixture_share_a_mock_in_every_order(pytester, seed):
    runs = Runs(pytester, Graph(seed).source)

    told = [runs.told(order) for order in ORDERS]
    alone = [runs.told(f"[item for item in items if {name!r} in item.name]") for name in ("test_0_a", "test_a")]

    assert told[0] == told[1] == told[2]
    assert all(part <= told[0] for part in alone)
