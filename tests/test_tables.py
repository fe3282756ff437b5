"""A table in one test: every row is tried, and each that fails is shown."""

import pytest
import tables
from tables import rows


@pytest.fixture(autouse=True)
def rows_are_together(monkeypatch):
    monkeypatch.setattr(tables, "ROWS_ARE_CASES", False)


def test_each_failing_row_is_shown_by_its_name():
    @rows("given, wanted", {"one": (1, 1), "two": (2, 3), "three": (3, 3), "four": (4, 5)})
    def compare(given, wanted):
        assert given == wanted

    with pytest.raises(AssertionError, match=r"(?s)^2 of 4 rows fail:\ntwo: .*2 == 3.*\nfour: .*4 == 5") as caught:
        compare()
    assert "one:" not in str(caught.value)


def test_a_failing_row_without_a_name_is_shown_by_its_values():
    @rows("number", [1, 2])
    def be_even(number):
        if number % 2:
            pytest.fail("it is odd")

    with pytest.raises(AssertionError, match=r"^1 of 2 rows fail:\n\[0\] 1: Failed: it is odd$"):
        be_even()


def test_rows_become_parametrized_cases_when_there_are_no_savepoints(monkeypatch):
    monkeypatch.setattr(tables, "ROWS_ARE_CASES", True)

    @rows("given, wanted", {"one": (1, 1), "two": (2, 3)})
    def compare(given, wanted):
        assert given == wanted

    (mark,) = compare.pytestmark
    assert (mark.args, mark.kwargs) == (("given, wanted", [(1, 1), (2, 3)]), {"ids": ["one", "two"]})
    assert compare(1, 1) is None


def test_a_skipped_row_does_not_hide_the_others():
    @rows("number", [1, 2, 3])
    def be_even(number):
        if number == 1:
            pytest.skip("one is left out")
        assert number % 2 == 0

    with pytest.raises(AssertionError, match=r"^1 of 3 rows fail:\n\[2\] 3: "):
        be_even()


def test_a_test_whose_rows_are_all_skipped_is_skipped():
    @rows("number", [1, 2])
    def be_even(number):
        pytest.skip(f"{number} is left out")

    with pytest.raises(pytest.skip.Exception, match="1 is left out"):
        be_even()


def test_a_table_refuses_an_async_test():
    async def be_even(number):
        """Nobody awaits it."""

    with pytest.raises(AssertionError, match="parametrize an async test"):
        rows("number", [1])(be_even)


def test_an_empty_table_is_an_error():
    with pytest.raises(AssertionError, match="the table is empty"):
        rows("number", [])


@rows("door", ["client", "direct"])
def test_a_row_does_not_see_the_secrets_of_the_previous_row(secrets_backend, secrets_client, door):
    assert list(secrets_backend) == []

    if door == "client":
        secrets_client.create_secret(Name="db")
    else:
        secrets_backend.create("db", "s3cret")

    assert [secret.name for secret in secrets_backend] == ["db"]
