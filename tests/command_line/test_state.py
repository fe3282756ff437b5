"""``mock-secrets serve --state FILE``: what a server held is there when the next one begins."""

import json
import os
import stat
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from command_line.served import call, served
from tables import rows

from mock_secrets.command_line.failure import Failure
from mock_secrets.command_line.main import main

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "a.state"


def test_the_next_server_restores_the_last_ones_state(file):
    with served("--state", file) as server:
        assert f"Its state is kept in {file}." in server.greeting
        call(server, "CreateSecret", Name="db", SecretString="s3cret", ClientRequestToken="0" * 32)
        before = call(server, "DescribeSecret", SecretId="db")

    with served("--state", file) as server:
        assert call(server, "DescribeSecret", SecretId="db") == before
        assert call(server, "GetSecretValue", SecretId="db")["SecretString"] == "s3cret"


def test_secrets_from_a_file_are_added_without_changing_existing_ones(file, tmp_path):
    (tmp_path / "a.json").write_text('{"db": "first"}')
    with served("--state", file, "--secrets", tmp_path / "a.json") as server:
        call(server, "PutSecretValue", SecretId="db", SecretString="second", ClientRequestToken="0" * 32)
    (tmp_path / "a.json").write_text('{"db": "first", "new": "n"}')

    with served("--state", file, "--secrets", tmp_path / "a.json") as server:
        assert {secret.name: secret.value for secret in server.backend} == {"db": "second", "new": "n"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_can_read_the_state_file_and_no_other_file_remains(file, tmp_path):
    (tmp_path / f".{file.name}.{os.getpid()}").write_text("of one that was killed")
    file.touch(0o644)
    file.unlink()
    with served("--state", file):
        pass

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


class TestWhenItIsWritten:
    def test_the_state_is_saved_at_the_tick_after_a_change_but_not_after_a_read(self, file):
        with served("--state", file, "--at", "2026-01-01T00:00:00Z") as server:
            server.tick()
            call(server, "CreateSecret", Name="db", SecretString="s3cret", ClientRequestToken="0" * 32)
            server.tick()
            written = file.stat().st_mtime_ns, file.read_text()
            call(server, "GetSecretValue", SecretId="db")
            call(server, "DeleteSecret", SecretId="none")
            call(server, "Nonsense")
            server.tick()

            assert (file.stat().st_mtime_ns, file.read_text()) == written
            assert json.loads(written[1])["secrets"][0]["name"] == "db"

    def test_the_state_is_saved_after_a_change_by_time_alone(self, file):
        with served("--state", file, "--at", "2026-01-01T00:00:00Z") as server:
            call(server, "CreateSecret", Name="db", SecretString="s3cret", ClientRequestToken="0" * 32)
            call(server, "DeleteSecret", SecretId="db")
            server.tick()
            server.backend.clock.advance(days=30)
            server.tick()

            assert json.loads(file.read_text())["secrets"] == []

    def test_the_state_is_saved_through_a_link(self, file, tmp_path):
        link = tmp_path / "link"
        link.symlink_to(file)
        with served("--state", link):
            pass

        assert link.is_symlink()
        assert file.exists()


class TestTime:
    def test_time_passes_while_no_server_runs(self, file):
        with served("--state", file) as server:
            server.backend.clock.advance(days=100)
            before = server.backend.clock.now()
        data = json.loads(file.read_text())
        file.write_text(json.dumps({**data, "written": (datetime.now(timezone.utc) - timedelta(days=2)).isoformat()}))

        with served("--state", file) as server:
            passed = server.backend.clock.now() - before

        assert timedelta(days=2) <= passed < timedelta(days=2, minutes=5)

    @rows("written", [5, None, "2100-01-01T00:00:00+00:00"])
    def test_no_time_has_passed_if_the_state_file_lacks_a_valid_date(self, file, written):
        with served("--state", file) as server:
            before = server.backend.clock.now()
        file.write_text(json.dumps({**json.loads(file.read_text()), "written": written}))

        with served("--state", file) as server:
            assert server.backend.clock.now() - before < timedelta(minutes=5)

    def test_a_start_instant_only_applies_to_a_new_state(self, file):
        with served("--state", file, "--at", "2026-01-01T00:00:00Z") as server:
            server.backend.clock.advance(days=5)

        with served("--state", file, "--at", "2026-01-01T00:00:00Z") as server:
            assert server.backend.clock.now() == START + timedelta(days=5)

    def test_paced_time_resumes_where_it_stopped(self, file):
        with served("--state", file, "--at", "2026-01-01T00:00:00Z", "--speed", "1"):
            pass
        data = json.loads(file.read_text())
        file.write_text(json.dumps({**data, "written": "2020-01-01T00:00:00+00:00"}))

        with served("--state", file, "--speed", "1") as server:
            assert server.backend.clock.now() - START < timedelta(minutes=5)


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "it is not JSON"),
            ("[" * 100_000, "it is not JSON"),
            (b"\xff", "it is not JSON"),
            ("{}", "it is not a saved state of mock_secrets"),
            ('{"format": 2}', "it has format 2"),
        ],
    )
    def test_a_damaged_state_file_is_reported_and_left_unchanged(self, capsys, file, text, told):
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        before = file.read_bytes()

        assert main(["serve", "--state", str(file)]) == 1
        error = capsys.readouterr().err
        assert f"the state in {file} can't be read: {told}" in error
        assert "move it away to start afresh" in error
        assert file.read_bytes() == before

    def test_a_folder_is_not_a_state_file(self, capsys, tmp_path):
        assert main(["serve", "--state", str(tmp_path)]) == 1
        assert "can't be read: " in capsys.readouterr().err

    def test_a_missing_folder_is_reported_at_startup(self, capsys, tmp_path):
        assert main(["serve", "--state", str(tmp_path / "none" / "a.state")]) == 1
        assert "its folder does not exist" in capsys.readouterr().err

    def test_an_unwritable_state_file_ends_the_server_and_keeps_the_old_state(self, capsys, file, monkeypatch):
        with served("--state", file):
            pass
        before = file.read_bytes()

        def refuse(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", refuse)
        monkeypatch.setattr("time.sleep", lambda _: None)
        monkeypatch.setattr("mock_secrets.command_line.state_file.StateFile._has_changed", lambda *_: True)

        assert main(["serve", "--state", str(file)]) == 1
        assert f"the state can't be saved in {file}: No space left on device" in capsys.readouterr().err
        assert file.read_bytes() == before
        assert list(file.parent.iterdir()) == [file]

    def test_a_second_server_on_the_same_state_is_detected(self, file):
        def begin_another():
            with served("--state", file) as second:
                call(second, "CreateSecret", Name="db", SecretString="s3cret", ClientRequestToken="0" * 32)

        with pytest.raises(Failure, match="another program has changed"), served("--state", file):
            begin_another()

        assert json.loads(file.read_text())["secrets"][0]["name"] == "db"
