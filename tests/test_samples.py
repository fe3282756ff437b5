"""What the pages show as printed, and no command beside it prints, is printed so; and their ini files are read."""

import json
import re

import pytest
from broken import ChangesBeforeItStores
from command_line.served import call, served
from pages import DOCS, PAGES, ROOT, blocks, is_shown
from project import QUICK
from templates import FIRST, Database

from mock_secrets.proofs import RotationUnsafe, assert_rotation_safe

INI_FILES = {
    f"{page.stem}-{block.line}": block.code
    for page in PAGES
    for block in blocks(page)
    if block.language == "ini" and block.title is None
}

FAULTS = """
from datetime import datetime, timezone
import boto3
import pytest

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
SECRETS = {"db": "s3cret", "api": "s3cret"}

@pytest.mark.mock_secrets(unfired="fail", secrets=SECRETS, at=NOON)
def test_a_throttled_read(secrets_backend):
    client = boto3.client("secretsmanager")
    secrets_backend.fail("GetSecretValue", "ThrottlingException", secret="db")
    client.get_secret_value(SecretId="api")
    client.describe_secret(SecretId="db")
"""

COMPARISON = """
def test_it(secrets_backend):
    secrets_backend.create("db", {"user": "another-user", "password": "n3w-passw0rd"})
    assert secrets_backend["db"].json == {"user": "another-user", "password": "0ld-passw0rd"}
"""


def sample(page, beginning):
    """The block of a page that begins so."""
    [block] = [
        block for block in blocks(DOCS / f"{page}.md") if block.language == "text" and block.code.startswith(beginning)
    ]
    return block.code


def printed(pytester, **files):
    pytester.makepyfile(**files)
    return pytester.runpytest("-q", *QUICK).stdout.str()


def test_the_sample_report_of_a_failing_test_matches_the_output():
    expected = (ROOT / "tests" / "report" / "expected" / "narrow.txt").read_text(encoding="utf-8")

    assert sample("reports", "---") in expected


def test_the_sample_of_faults_that_never_fired_matches_the_output(pytester):
    assert is_shown(sample("faults", "these faults"), printed(pytester, test_shop=FAULTS))


def test_the_sample_comparison_of_two_documents_matches_the_output(pytester):
    assert is_shown(sample("reports", "E  "), printed(pytester, test_shop=COMPARISON))


def test_the_sample_of_an_unsafe_rotation_matches_the_output():
    database = Database()
    with pytest.raises(RotationUnsafe) as raised:
        assert_rotation_safe(
            ChangesBeforeItStores(database), value=FIRST, accepts=database.accepts, reset=database.reset
        )

    told = re.sub(r"[\w/]+\.py:\d+", "rotator.py:45", str(raised.value))
    assert is_shown(sample("rotation-proofs", "the rotation"), told)


def test_the_sample_call_lines_of_a_server_match_the_output(tmp_path, capsys):
    (tmp_path / "secrets.json").write_text(json.dumps({"db": "s3cret"}))

    with served("--at", "2026-01-01T00:00:00Z", "--secrets", tmp_path / "secrets.json") as server:
        call(server, "GetSecretValue", SecretId="db")
        call(server, "GetSecretValue", SecretId="nope")

    assert is_shown(sample("command-line", "2026"), capsys.readouterr().err)


@pytest.mark.parametrize("code", INI_FILES.values(), ids=INI_FILES)
def test_each_ini_file_in_the_docs_is_accepted_by_pytest(code, pytester):
    pytester.makeini(code)

    result = pytester.runpytest("-q", *QUICK, "--strict-config", "-W", "error", "--fixtures")

    assert result.ret == 0
