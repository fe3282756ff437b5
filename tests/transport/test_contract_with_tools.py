"""The private parts of moto, pytest and unittest that this library touches are as it expects them."""

import inspect
import os
from unittest import mock

import pytest
from tables import rows

from mock_secrets.transport import beside_moto, savers


class TestMoto:
    @pytest.fixture(autouse=True)
    def moto(self):
        return pytest.importorskip("moto.core.models")

    def test_motos_handler_takes_the_event_name_and_the_request(self, moto):
        (patch,) = beside_moto.PATCHES

        assert type(moto.botocore_stubber) is patch.owner()
        assert list(inspect.signature(vars(patch.owner())["__call__"]).parameters)[:3] == [
            "self",
            "event_name",
            "request",
        ]

    def test_motos_handler_is_enabled_only_inside_a_moto_mock(self, moto):
        before = moto.botocore_stubber.enabled
        with moto.MockAWS():
            assert moto.botocore_stubber.enabled
        assert not before

    def test_a_moto_mock_keeps_the_original_access_key(self, moto):
        with mock.patch.dict(os.environ, {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}), moto.MockAWS() as active:
            assert active._orig_creds["AWS_ACCESS_KEY_ID"] == "AKIAEXAMPLE"

    def test_a_moto_mock_patches_the_default_session_with_unittest(self, moto):
        with moto.MockAWS() as active:
            assert active._default_session_mock in mock._patch._active_patches


def test_a_monkeypatch_records_original_values():
    monkeypatch, items = pytest.MonkeyPatch(), {"there": 1}
    owner = type("Owner", (), {"there": 1})

    monkeypatch.setitem(items, "there", 2)
    monkeypatch.delitem(items, "there")
    monkeypatch.setattr(owner, "there", 2)
    kept = list(monkeypatch._setitem), list(monkeypatch._setattr)
    monkeypatch.undo()

    assert kept == ([(items, "there", 1), (items, "there", 2)], [(owner, "there", 1)])


@rows("patch", savers.PATCHES)
def test_the_patched_monkeypatch_methods_exist(patch):
    assert patch.name in vars(patch.owner())


def test_unittest_lists_active_patches_and_each_keeps_its_original_value():
    items = {"there": 1}
    owner = type("Owner", (), {"there": 1})
    patches = [mock.patch.dict(items, there=2), mock.patch.object(owner, "there", 2)]

    for patch in patches:
        patch.start()
    active = list(mock._patch._active_patches)
    kept = patches[0].in_dict, patches[0]._original, patches[1].target, patches[1].attribute, patches[1].temp_original
    for patch in patches:
        patch.stop()

    assert [patch for patch in patches if patch in active] == patches
    assert kept == (items, {"there": 1}, owner, "there", 1)
