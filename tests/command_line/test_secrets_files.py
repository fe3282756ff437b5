"""The files of ``--secrets``: what each form holds, and what is told of one that can't be read."""

import sys

import pytest

from mock_secrets.command_line.failure import Failure
from mock_secrets.command_line.secrets_files import read_secrets

ENV = """\
# a comment

PLAIN=s3cret
export app/db = spaced out   # a comment
SINGLE='it\\n # stays'
DOUBLE="two\\nlines \\"quoted\\"" # a comment
HASH=#no=comment
EMPTY=
"""


def write(folder, name, text):
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    ("name", "text", "secrets"),
    [
        ("a.json", '{"db": {"user": "app"}, "token": "t0ken"}', {"db": {"user": "app"}, "token": "t0ken"}),
        ("a.json", b'\xef\xbb\xbf{"db": "\xc3\xa4"}', {"db": "ä"}),
        (
            "a.yaml",
            "db:\n  user: app\ntoken: t0ken\nraw: !!binary AAE=\n",
            {"db": {"user": "app"}, "token": "t0ken", "raw": b"\0\1"},
        ),
        ("a.yml", "db: s3cret", {"db": "s3cret"}),
        (
            "a.env",
            ENV,
            {
                "PLAIN": "s3cret",
                "app/db": "spaced out",
                "SINGLE": "it\\n # stays",
                "DOUBLE": 'two\nlines "quoted"',
                "HASH": "#no=comment",
                "EMPTY": "",
            },
        ),
        (".env.local", "A=1", {"A": "1"}),
    ],
)
def test_a_secrets_file_maps_names_to_secrets(tmp_path, name, text, secrets):
    if name.endswith(("yaml", "yml")):
        pytest.importorskip("yaml")

    assert read_secrets([write(tmp_path, name, text)]) == secrets


def test_several_secrets_files_are_combined(tmp_path):
    files = [write(tmp_path, "a.json", '{"a": "1"}'), write(tmp_path, "b.env", "b=2")]

    assert read_secrets(files) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", '{\n"db": s3cret}', "it is not valid JSON: Expecting value, in line 2, column 7"),
        ("a.json", "[" * 100_000, "its JSON is nested too deeply"),
        ("a.json", '["s3cret"]', "it does not contain an object of names and values"),
        ("a.json", '{"db": 5}', "the secret 'db' takes a str, bytes, or a mapping to store as JSON, not int"),
        ("a.json", '{"db": ["s3cret"]}', "the secret 'db' takes a str, bytes, or a mapping to store as JSON, not list"),
        ("a.json", '{"db": "1", "db": "s3cret"}', "it contains 'db' twice"),
        ("a.json", b'{"db": "\xff"}', "it is not UTF-8"),
        ("a.yaml", "db: 's3cret", "it is not valid YAML: see line 1, column 12"),
        ("a.yaml", "db: *s3cret", "it is not valid YAML: see line 1, column 5"),
        ("a.yaml", "db: \x01", "it is not valid YAML"),
        ("a.yaml", "1: s3cret", "names must be strings, but one is of type int. Put it in quotes"),
        ("a.env", "A=1\ns3cret", "line 2 is not NAME=value"),
        ("a.env", "A='s3cret", "the quotes in line 1 are not closed"),
        ("a.env", "A=1\nA=s3cret", "it contains 'A' twice"),
        ("a.txt", "s3cret", "its type is unknown. The name must end in"),
    ],
)
def test_an_unreadable_secrets_file_is_reported_with_the_reason_but_no_value(tmp_path, name, text, told):
    if name.endswith("yaml"):
        pytest.importorskip("yaml")
    file = write(tmp_path, name, text)

    with pytest.raises(Failure) as failure:
        read_secrets([file])

    assert str(failure.value).startswith(f"{file}: {told}")
    assert "s3cret" not in str(failure.value)


def test_a_missing_secrets_file_is_also_reported(tmp_path):
    with pytest.raises(Failure, match=r"none.json: No such file"):
        read_secrets([tmp_path / "none.json"])


def test_yaml_files_need_a_yaml_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(Failure, match=r"needs PyYAML\. Install it, or use a JSON file"):
        read_secrets([write(tmp_path, "a.yaml", "db: s3cret")])


def test_a_secret_may_be_in_only_one_secrets_file(tmp_path):
    files = [write(tmp_path, "a.json", '{"a": "1"}'), write(tmp_path, "b.env", "a=2")]

    with pytest.raises(Failure, match=r"b.env: the secret 'a' is also in another file"):
        read_secrets(files)
