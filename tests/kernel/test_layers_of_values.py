"""What mocks and functions write one over another is taken out again, in whatever order they end."""

import itertools

import pytest

from mock_secrets.kernel.layers import Layer, Layers


class Values(dict):
    """A place of named values."""

    def read(self, names):
        return {name: self.get(name) for name in names}

    def write(self, name, value):
        if value is None:
            self.pop(name, None)
        else:
            self[name] = value


@pytest.fixture
def place():
    return Values(region="mine", profile="mine")


@pytest.fixture
def layers(place):
    return Layers(place)


@pytest.fixture
def put(layers):
    """Have somebody write over what is there."""

    def put(wanted, theirs=None):
        layer = Layer(wanted, theirs)
        layers.put(layer)
        return layer

    return put


def test_a_layer_writes_its_values_and_restores_the_previous_ones(layers, put, place):
    layer = put({"region": "ours", "profile": None, "key": "ours"})
    during = dict(place)
    layers.take(layer)

    assert during == {"region": "ours", "key": "ours"}
    assert place == {"region": "mine", "profile": "mine"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_layers_may_end_in_any_order(layers, put, place, order):
    all_put = [put({"region": region, "profile": None}) for region in ("first", "first", "third")]

    for index in order:
        layers.take(all_put[index])

    assert place == {"region": "mine", "profile": "mine"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_last_remaining_layer_wins(layers, put, place, order):
    all_put = {name: put({"region": name}) for name in ("first", "second", "third")}
    names = list(all_put)

    for index in order:
        layers.take(all_put.pop(names[index]))
        assert place["region"] == (list(all_put)[-1] if all_put else "mine")


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
@pytest.mark.parametrize("theirs", [{"region": "theirs"}, {}], ids=["changed", "deleted"])
def test_a_change_made_by_someone_else_is_kept(layers, put, place, theirs, order):
    all_put = [put({"region": "ours", "key": "ours"}) for _ in range(2)]

    place.write("region", theirs.get("region"))
    for index in order:
        layers.take(all_put[index])

    assert place == {"profile": "mine", **theirs}


def test_a_change_between_two_layers_is_restored_after_the_upper_one(layers, put, place):
    put({"region": "lower"})
    place["region"] = "theirs"

    layers.take(put({"region": "upper"}))

    assert place["region"] == "theirs"


def test_restoring_does_not_overwrite_a_change_made_by_someone_else(layers, put, place):
    wanted = {"region": "ours", "key": "ours", "profile": None}
    layer = put(wanted)
    place.update(region="theirs", profile="theirs")
    theirs = layers.take(layer)

    for _ in range(2):
        layer = put(wanted, theirs)
        assert place == {"region": "theirs", "key": "ours", "profile": "theirs"}
        theirs = layers.take(layer)

    assert place == {"region": "theirs", "profile": "theirs"}


def test_a_change_made_while_a_layer_is_set_aside_is_overwritten(layers, put, place):
    layer = put({"region": "ours"})
    place["region"] = "theirs"
    theirs = layers.take(layer)
    place["region"] = "another's"

    layer = put({"region": "ours"}, theirs)
    during = place["region"]
    layers.take(layer)

    assert during == "ours"
    assert place["region"] == "another's"


def test_changes_to_a_layer_that_ends_with_its_changes_are_discarded(layers, put, place):
    layer = put({"region": "ours"})
    place.write("region", "changed")
    layers.take(layer, with_changes=True)

    assert place == {"region": "mine", "profile": "mine"}


def test_layers_with_different_names_are_independent(layers, put, place):
    lower, upper = put({"region": "lower", "key": "lower"}), put({"region": "upper", "profile": None})

    layers.take(lower)
    between = dict(place)
    layers.take(upper)

    assert between == {"region": "upper"}
    assert place == {"region": "mine", "profile": "mine"}


def test_a_layer_can_be_removed_only_once(layers, put, place):
    layer = put({"region": "ours"})
    layers.take(layer)
    place["region"] = "ours"

    assert layers.take(layer) == {}
    assert place["region"] == "ours"
