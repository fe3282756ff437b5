"""The page that tells how endpoints fare."""

from collections import Counter

import pytest
from conformance.fidelity import Behaviour
from conformance.portable import results, scoreboard
from conformance.portable.results import Case

SHOWN = {
    "a.py::test_token": [Behaviour("CreateSecret", "a token", "AWS-VERIFIED", "a recording")],
    "a.py::test_kind": [Behaviour("CreateSecret", "a kind", "GUESS", "a sibling", "plain calls")],
    "a.py::test_stop": [Behaviour("StopReplicationToReplica", "it stops", "AWS-DOC", "a guide")],
    "a.py::test_time": [Behaviour("RestoreSecret", "in time", "AWS-VERIFIED", "a recording")],
}


def cases(*verdicts):
    operations = [("CreateSecret",), ("CreateSecret",), ("StopReplicationToReplica",), ()]
    return [
        Case(scenario, "", verdict, operations=called)
        for scenario, verdict, called in zip(SHOWN, verdicts, operations, strict=True)
    ]


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(results, "behaviours_of", SHOWN.get)
    ours = cases("agrees", "agrees", "agrees", "could not run")
    theirs = cases("agrees", "differs", "unsupported", "differs")
    return scoreboard.page({"mock_secrets": ours, "moto": theirs}, {"mock_secrets": "1.0", "moto": "5.2.5"})


def test_each_confidence_level_has_its_own_table(page):
    _, verified, documented, guesses = page.split("\n## ")[1:]

    assert "| CreateSecret | 1 | 1 | 1 |\n| **all** | 1 | 1 | 1 |" in verified
    assert "| StopReplicationToReplica | 1 | 1 | 0 (1 unsupported) |" in documented
    assert "| CreateSecret | 1 | 1 | 0 |" in guesses


def test_a_case_that_cannot_run_on_one_endpoint_counts_for_none(page):
    assert "RestoreSecret" not in page


def test_cases_are_counted_by_endpoint(page):
    assert "| mock_secrets | 1.0 | all | 3 of 3 |" in page
    assert "| moto | 5.2.5 | all but " in page
    assert "| 1 of 2 |" in page


def test_an_endpoint_that_does_not_start_is_an_error():
    peer = scoreboard.Peer("none", ("-c", "raise SystemExit(3)"), "nothing")

    with pytest.raises(RuntimeError, match="nothing listens on port"), scoreboard.serving(peer):
        """It is never reached."""


def test_every_peer_states_what_it_omits():
    named = Counter({name: len(peer.unsupported) for name, peer in scoreboard.PEERS.items()})

    assert named == {"mock_secrets": 0, "moto": 5, "ministack": 7}
