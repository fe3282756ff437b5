"""The new value that another service gives to a secret that it rotates."""

from tables import rows

from mock_secrets.kernel.ids import Ids
from mock_secrets.model.passwords import changed_password


@rows("value", ["[" * 50_000, '{"password":' * 50_000, '{"a":' * 50_000 + "1" + "}" * 50_000])
def test_a_value_too_deeply_nested_to_read_is_replaced_as_a_whole(value):
    assert len(changed_password(Ids(0).random, value)) == 32
