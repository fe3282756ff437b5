"""The page as text: what is in the file. How it looks and behaves is in tests/browser."""

import json
import re

import pytest

from mock_secrets import SecretsBackend


@pytest.fixture
def backend():
    return SecretsBackend(secrets={"db": "hunter22"})


def data_of(text):
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_data_is_never_interpreted_as_html(backend, tmp_path):
    odd = "</script><!--<b>&\u2028\u2029\u202e"
    backend.create("odd", "value", tags={odd: odd}, description=odd)

    text = backend.write_report(tmp_path / "page.html").read_text(encoding="utf-8")

    assert text.count("</script>") == 2
    assert text.split('id="data">')[1].split("</script>")[0].isascii()
    (entry,) = [one for one in data_of(text)["tests"][0]["mocks"][0]["entries"] if one.get("secret") == "odd"]
    assert odd.split("\u2028", maxsplit=1)[0] in entry["params"]["Description"]


def test_the_page_loads_nothing_external(backend, tmp_path):
    text = backend.write_report(str(tmp_path / "page.html")).read_text(encoding="utf-8")

    assert re.findall(r"(?:src|href)=\"(?!#)|@import|url\(", text) == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []


def test_the_page_shows_the_state_of_each_secret_but_no_value(backend, tmp_path):
    backend["db"].update("second-value")

    text = backend.write_report(tmp_path / "page.html").read_text(encoding="utf-8")

    assert "hunter22" not in text
    assert "second-value" not in text
    left = [entry["left"][0]["labels"] for entry in data_of(text)["tests"][0]["mocks"][0]["entries"]]
    assert left == [{"AWSCURRENT": 1}, {"AWSCURRENT": 2, "AWSPREVIOUS": 1}]


def test_non_secret_values_are_shown(tmp_path):
    backend = SecretsBackend(secrets={"db": "hunter22"}, show_values=True)

    text = backend.write_report(tmp_path / "page.html").read_text(encoding="utf-8")

    assert data_of(text)["tests"][0]["mocks"][0]["entries"][0]["params"]["SecretString"] == "hunter22"


def test_an_unwritable_file_is_an_error(backend, tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        backend.write_report(tmp_path / "nowhere" / "page.html")
