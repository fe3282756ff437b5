"""What is written down of a run, and what is taken over of it."""

import json
from dataclasses import replace

import pytest
from conformance import fidelity
from conformance.fidelity import Behaviour, as_recorded
from conformance.portable import results, verdicts
from conformance.portable.recording import Exchange, Masks
from conformance.portable.results import Case, found_by, without_unsupported

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
TAG, UNTAG = (Behaviour(operation, "a rule", "AWS-DOC", "a source") for operation in ("TagResource", "UntagResource"))
AGREES = Case("test_tags.py::test_it", "[tag]", "agrees", operations=("CreateSecret", "TagResource"))
DIFFERS = Case("test_tags.py::test_it", "[untag]", "differs", "an answer", ("CreateSecret", "UntagResource"))
LEFT_OUT = Case("test_tags.py::test_it", "[other]", "could not run", "needs the clock")


@pytest.fixture
def both_shown(monkeypatch):
    monkeypatch.setattr(results, "behaviours_of", lambda _: [TAG, UNTAG])


def test_a_value_is_masked_everywhere_and_equal_values_get_the_same_mask():
    exchange = Exchange(
        "PutSecretValue",
        {"SecretId": ARN, "SecretString": "s3cret"},
        {"SecretString": "s3cret", "SecretBinary": b"\x00", "Error": {"Code": "E", "Message": f"{ARN} holds s3cret"}},
        400,
    )

    masked = Masks([exchange]).exchange(exchange)

    assert masked["request"] == {"SecretId": ARN.replace("AbCdEf", "<suffix>"), "SecretString": "<value 1>"}
    assert masked["answer"]["SecretString"] == "<value 1>"
    assert masked["answer"]["SecretBinary"] == "<value 2>"
    assert masked["answer"]["Error"]["Message"] == f"{ARN.replace('AbCdEf', '<suffix>')} holds <value 1>"
    assert "s3cret" not in Masks([exchange]).told(exchange)
    assert json.dumps(masked)


def test_a_case_reports_the_operation_it_called(both_shown):
    found = found_by([AGREES, DIFFERS, LEFT_OUT])

    assert [(one.behaviour, one.verdict) for one in found] == [(TAG, "agrees"), (UNTAG, "differs")]
    assert found[1].whys == ("an answer",)


def test_a_behaviour_is_judged_by_the_rows_that_show_it(monkeypatch):
    rows = [replace(TAG, shown_by=("one",)), replace(TAG, shown_by=("other",)), TAG]
    monkeypatch.setattr(results, "behaviours_of", lambda _: rows)

    found = found_by(
        [replace(AGREES, parameters="[hook-one]"), replace(AGREES, parameters="[other-hook]", verdict="differs")]
    )

    assert [one.verdict for one in found] == ["agrees", "differs", "differs"]


def test_a_documented_unsupported_feature_is_not_a_difference(both_shown):
    cases = without_unsupported([AGREES, DIFFERS], {"UntagResource"})

    assert [one.verdict for one in found_by(cases)] == ["agrees", "unsupported"]


def test_a_saved_run_is_unchanged_when_read_back():
    run = json.loads(json.dumps(results.document([AGREES, DIFFERS, LEFT_OUT], with_exchanges=True, target="AWS")))

    assert results.cases_of(run) == [AGREES, DIFFERS, LEFT_OUT]


def recorded(*cases, target="AWS"):
    return results.document(list(cases), with_exchanges=True, target=target, date="2026-12-01", region="us-east-1")


@pytest.mark.parametrize(
    ("cases", "agrees"), [([AGREES], True), ([AGREES, DIFFERS], False), ([AGREES, LEFT_OUT], None), ([LEFT_OUT], None)]
)
def test_a_scenario_verdict_needs_a_verdict_from_every_case(cases, agrees):
    taken = verdicts.verdicts_of(recorded(*cases))

    assert taken.get(AGREES.scenario, {}).get("agrees") is agrees


def test_new_verdicts_are_added_to_the_saved_ones(tmp_path):
    record, kept = tmp_path / "record.json", tmp_path / "verdicts.json"
    kept.write_text('{"other": {"agrees": true, "date": "2026-01-01", "region": "eu-west-1"}}', encoding="utf-8")
    record.write_text(json.dumps(recorded(AGREES)), encoding="utf-8")

    verdicts.take_over(record, kept)

    assert json.loads(kept.read_text(encoding="utf-8")) == {
        "other": {"agrees": True, "date": "2026-01-01", "region": "eu-west-1"},
        AGREES.scenario: {"agrees": True, "differing": [], "date": "2026-12-01", "region": "us-east-1"},
    }


def test_an_emulator_is_not_mistaken_for_aws(tmp_path):
    record, kept = tmp_path / "record.json", tmp_path / "verdicts.json"
    record.write_text(json.dumps(recorded(AGREES, target="http://127.0.0.1:4566")), encoding="utf-8")

    with pytest.raises(ValueError, match=r"no record of AWS: what answered was http://127\.0\.0\.1:4566"):
        verdicts.take_over(record, kept)

    assert not kept.exists()


def test_a_guess_that_aws_confirms_is_verified():
    guess = Behaviour("TagResource", "a rule", "GUESS", "a sibling", "plain calls")
    verified = Behaviour("TagResource", "a rule", "AWS-VERIFIED", "a recording")
    ours = Behaviour("TagResource", "a rule", "OURS", "ours")
    agrees = {"agrees": True, "differing": [], "date": "2026-12-01", "region": "us-east-1"}
    differs = {**agrees, "agrees": False, "differing": ["[hook-a row]"]}

    assert as_recorded(guess, agrees) == Behaviour(
        "TagResource", "a rule", "AWS-VERIFIED", "recorded 2026-12-01 us-east-1"
    )
    assert as_recorded(verified, agrees).source == "a recording; recorded 2026-12-01 us-east-1"
    assert as_recorded(guess, differs).source == ("a sibling; AWS differs, recorded 2026-12-01 us-east-1")
    assert as_recorded(replace(guess, shown_by=("another row",)), differs).confidence == "AWS-VERIFIED"
    assert as_recorded(replace(guess, shown_by=("a row",)), differs).confidence == "GUESS"
    assert as_recorded(ours, agrees) == ours
    assert as_recorded(guess, None) == guess


def test_the_table_shows_the_aws_result_of_a_scenario():
    @fidelity.behaviour("An operation", "a rule", "AWS-DOC", "a source")
    def scenario():
        """Says nothing."""

    try:
        name = next(f"{file}::{test}" for file, test in fidelity._behaviours if test == "scenario")
        table = fidelity.render({name: {"agrees": True, "date": "2026-12-01", "region": "us-east-1"}})
    finally:
        del fidelity._behaviours["test_results.py", "scenario"]

    assert f"| a rule | AWS-VERIFIED | recorded 2026-12-01 us-east-1 | `{name}` |" in table
