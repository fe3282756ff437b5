"""A listing's orders are kept from page to page, and still show what is there now."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows

from mock_secrets.kernel.journal import Journal
from mock_secrets.model.filters import Filter, sort_key
from mock_secrets.model.secret import Secret
from mock_secrets.model.store import Region
from mock_secrets.model.versions import Version

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
ORDERS = ["created-date", "last-changed-date", "last-accessed-date", "name"]


def secret(name, number=0):
    at = START + timedelta(seconds=number)
    return Secret(name=name, arn=name, account_id="1", region="us-east-1", created_at=at, changed_at=at)


def region_of(names):
    region = Region("1", "us-east-1")
    for number, name in enumerate(names):
        region.add(secret(name, number))
    return region


def listed(region, sort_by="created-date", *filters, after=None, descending=False):
    return [one.name for _, one in region.orders.listed(sort_by, filters, after, descending=descending)]


def add(region, name, at):
    region.add(secret(name))


def remove(region, name, at):
    region.remove(region.get(name))


def change(region, name, at):
    region.get(name).mark_changed(at)


def read(region, name, at):
    region.get(name).record_access(Version("v", None, at, []), at)


changes = st.lists(
    st.tuples(
        st.sampled_from([add, remove, change, read, listed]), st.sampled_from("abcdefghijklmnop"), st.integers(0, 9)
    ),
    max_size=30,
)


def walk(region, steps):
    for act, name, day in steps:
        if act is listed:
            listed(region, ORDERS[day % 4])
        elif (act is add) != (region.get(name) is not None):
            act(region, name, START + timedelta(days=day))


@given(before=changes, inside=changes, sort_by=st.sampled_from(ORDERS))
def test_an_order_is_correct_after_any_changes_and_after_their_rollback(before, inside, sort_by):
    region, journal = region_of("abcdefgh"), Journal()
    region.join(journal)
    walk(region, before)

    mark = journal.begin_savepoint()
    walk(region, inside)
    inner = listed(region, sort_by), [one.name for one in sorted(region, key=sort_key(sort_by))]
    journal.end_savepoint(mark)

    assert inner[0] == inner[1]
    assert listed(region, sort_by) == [one.name for one in sorted(region, key=sort_key(sort_by))]


@pytest.mark.parametrize("sort_by", ORDERS)
def test_a_page_looks_up_only_the_positions_of_moved_secrets(sort_by, monkeypatch):
    region = region_of(f"app/{number:04}" for number in range(1_000))
    listed(region, sort_by)
    asked = []
    monkeypatch.setattr(region.orders._kept[sort_by], "_key_of", lambda one: asked.append(one.name) or "z")

    change(region, "app/0007", START + timedelta(days=1))
    listed(region, sort_by)

    assert asked == ["app/0007"]


def test_a_few_names_are_found_without_looking_at_the_others():
    region = region_of([*(f"app/{number:04}" for number in range(1_000)), "db/b", "db/a"])

    assert listed(region, "created-date", Filter("name", ("db/", "db"))) == ["db/b", "db/a"]


def test_names_with_a_common_prefix_are_found_while_scanning():
    region = region_of(f"app/{number:04}" for number in range(1_000))

    pairs = region.orders.listed("created-date", [Filter("name", ("app/",))], None, descending=True)

    assert next(iter(pairs))[1].name == "app/0999"


@rows("filters", [[], [Filter("name", ("app/",))]])
@rows("descending, names", [(False, ["app/d", "app/e"]), (True, ["app/b", "app/a"])])
def test_a_page_continues_after_the_previous_one(filters, descending, names):
    region = region_of(f"app/{letter}" for letter in "abcde")
    after = sort_key("created-date")(region.get("app/c"))

    assert listed(region, "created-date", *filters, after=after, descending=descending) == names
