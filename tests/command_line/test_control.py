"""``--control``: what a test in another language asks of the server, and who may ask."""

import json
from uuid import uuid4

import pytest
from command_line.served import call, control, control_raw, served
from tables import rows

AT = "2026-01-01T00:00:00.000+00:00"


@pytest.fixture
def server(tmp_path):
    (tmp_path / "a.json").write_text('{"db": "s3cret"}')
    with served("--control", "--at", "2026-01-01T00:00:00Z", "--secrets", tmp_path / "a.json") as server:
        yield server


def put(server, value):
    return call(server, "PutSecretValue", SecretId="db", SecretString=value, ClientRequestToken=str(uuid4()))


def value(server):
    return server.backend["db"].value


class TestWhatItDoes:
    def test_a_reset_starts_from_scratch(self, server):
        put(server, "changed")
        control(server, "POST", "clock", {"days": 3})
        control(server, "POST", "savepoint")
        control(server, "POST", "faults", {"operation": "*", "error": "InternalServiceError"})

        assert control(server, "POST", "reset") == (200, {"now": AT})
        assert value(server) == "s3cret"
        assert control(server, "POST", "back")[0] == 409
        assert control(server, "GET", "faults") == (200, {"faults": []})
        assert call(server, "GetSecretValue", SecretId="db")["SecretString"] == "s3cret"

    def test_a_reset_is_saved_to_the_state_file_immediately(self, tmp_path):
        with served("--control", "--state", tmp_path / "a.state", "--speed", "2") as server:
            call(server, "CreateSecret", Name="db", ClientRequestToken="0" * 32)
            server.tick()
            control(server, "POST", "reset")
            server.tick()

            assert json.loads((tmp_path / "a.state").read_text())["secrets"] == []

    def test_savepoints_can_be_nested(self, server):
        assert control(server, "POST", "savepoint", {}) == (200, {"savepoints": 1})
        put(server, "first")
        assert control(server, "POST", "savepoint") == (200, {"savepoints": 2})
        put(server, "second")
        control(server, "POST", "clock", {"hours": 1})

        assert control(server, "POST", "back") == (200, {"savepoints": 1, "now": AT})
        assert value(server) == "first"
        assert control(server, "POST", "back") == (200, {"savepoints": 0, "now": AT})
        assert value(server) == "s3cret"
        assert control(server, "POST", "back") == (
            409,
            {"error": "there is no savepoint to go back to. Create one with POST savepoint"},
        )

    def test_secrets_can_be_seeded(self, server):
        assert control(server, "POST", "seed", {"secrets": {"a": "1", "b": {"user": "app"}}}) == (
            200,
            {"secrets": ["a", "b"]},
        )
        assert server.backend["b"].json == {"user": "app"}

    def test_the_clock_can_be_read_and_moved(self, server):
        assert control(server, "GET", "clock") == (200, {"now": AT})
        assert control(server, "POST", "clock", {"days": 1, "hours": 2})[1] == {"now": "2026-01-02T02:00:00.000+00:00"}
        assert control(server, "POST", "clock", {"to": "2026-03-01T00:00:00Z"})[1] == {
            "now": "2026-03-01T00:00:00.000+00:00"
        }
        assert "clock moved" in server.backend.report()
        assert ".py" not in server.backend.report()

    def test_calls_are_reported_without_values(self, server):
        put(server, "another-value")
        call(server, "GetSecretValue", SecretId="none")

        status, answer = control(server, "GET", "calls")
        assert (status, [one["operation"] for one in answer["calls"]]) == (200, ["PutSecretValue", "GetSecretValue"])
        assert "another-value" not in json.dumps(answer)
        [one] = control(server, "GET", "calls?operation=GetSecretValue")[1]["calls"]
        assert (one["error"], one["params"], one["at"]) == ("ResourceNotFoundException", {"SecretId": "none"}, AT)

    def test_the_servers_report_equals_that_of_a_test(self, server):
        put(server, "another-value")

        report = control(server, "GET", "report")[1]["report"]
        assert "PutSecretValue  db by HTTP" in report
        assert "another-value" not in report

    def test_faults_start_and_end(self, server):
        fault = {"operation": "GetSecretValue", "error": "ThrottlingException", "secret": "db", "times": 5}
        status, begun = control(server, "POST", "faults", fault)
        answer = call(server, "GetSecretValue", SecretId="db")

        assert (status, begun["fault"], begun["fired"], begun["is_active"]) == (200, 1, 0, True)
        assert answer["__type"] == "ThrottlingException"
        assert [one["fired"] for one in control(server, "GET", "faults")[1]["faults"]] == [1]
        assert control(server, "POST", "faults/end", {"fault": 1})[1]["is_active"] is False
        assert call(server, "GetSecretValue", SecretId="db")["SecretString"] == "s3cret"

    def test_latency_and_lost_answers_are_also_faults(self, server):
        control(server, "POST", "faults", {"operation": "*", "error": "Latency", "seconds": 5, "times": 1})
        control(server, "POST", "faults", {"operation": "*", "error": "LostAnswer", "until": "2026-01-01T00:01:00Z"})

        with pytest.raises(ConnectionError):
            put(server, "changed")
        assert control(server, "GET", "clock")[1] == {"now": "2026-01-01T00:00:05.000+00:00"}
        assert value(server) == "changed"

    def test_a_call_with_a_lost_response_is_still_logged(self, capsys):
        with served("--control", "--at", "2026-01-01T00:00:00Z") as server:
            control(server, "POST", "faults", {"operation": "*", "error": "ConnectionClosed"})
            with pytest.raises(ConnectionError):
                call(server, "ListSecrets")

        assert capsys.readouterr().err == "2026-01-01 00:00:00Z  ListSecrets  us-east-1  ConnectionClosed()\n"

    def test_a_head_request_equals_get_without_a_body(self, server):
        answer = control_raw(server, "HEAD", "clock")

        assert (answer.status, answer.body) == (200, b"")


@rows(
    "asked, status, told",
    [
        (("GET", "clok", None), 404, "there is no 'clok'. Did you mean 'clock'?"),
        (("GET", "reset", None), 405, "reset takes POST"),
        (("PUT", "clock", {}), 405, "clock takes GET or POST"),
        (("POST", "reset", {"all": True}), 400, "unknown member 'all'"),
        (("POST", "seed", {}), 400, "'secrets' is missing"),
        (("POST", "seed", {"secrets": "db"}), 400, "secrets takes an object"),
        (("POST", "seed", {"secrets": {"db": "another"}}), 400, "has another value"),
        (("POST", "clock", {}), 400, "advance() takes"),
        (("POST", "clock", {"days": -1}), 400, "time can't go backwards"),
        (("POST", "clock", {"days": "x"}), 400, "advance() takes the arguments of datetime.timedelta"),
        (("POST", "clock", {"to": "noon"}), 400, "to takes an instant such as"),
        (("POST", "clock", {"to": 5}), 400, "to takes an instant such as 2026-01-01T12:00:00Z, not int"),
        (("POST", "clock", {"to": "2020-01-01T00:00:00Z"}), 400, "time can't go backwards"),
        (("POST", "faults", {"operation": "GetSecret", "error": "InternalServiceError"}), 400, "has no operation"),
        (("POST", "faults", {"operation": "*", "error": "Latency"}), 400, "'seconds' is missing"),
        (("POST", "faults", {"operation": "*", "error": "X", "colour": 1}), 400, "unknown member 'colour'"),
        (("POST", "faults/end", {"fault": 7}), 404, "there is no fault 7"),
        (("POST", "clock", []), 400, "the body is not a JSON object"),
    ],
)
def test_an_impossible_request_is_reported(server, asked, status, told):
    answered, answer = control(server, *asked)

    assert answered == status
    assert told in answer["error"]


def test_an_internal_error_is_also_sent_as_a_response(server, monkeypatch):
    monkeypatch.setattr(type(server.backend), "report", lambda _: 1 / 0)

    assert control(server, "GET", "report") == (500, {"error": "ZeroDivisionError: division by zero"})


def test_a_body_that_is_not_json_is_refused(server):
    assert control_raw(server, "POST", "clock", "{").status == 400


class TestWhoMayAsk:
    @rows(
        "headers",
        [
            {"Host": "attacker.example:{port}"},
            {"Host": "127.0.0.1"},
            {"Host": "localhost:1"},
            {"Origin": "http://attacker.example"},
            {"Origin": "null"},
            {"Origin": "https://localhost:{port}"},
        ],
    )
    @rows("method, name", [("GET", ""), ("GET", "calls"), ("POST", "reset"), ("GET", "none")])
    def test_a_request_from_a_foreign_page_is_refused(self, server, headers, method, name):
        put(server, "changed")
        port = server.endpoint.port
        answer = control_raw(server, method, name, **{key: one.format(port=port) for key, one in headers.items()})

        assert answer.status == 403
        assert b"db" not in answer.body
        assert value(server) == "changed"

    @rows("name", ["127.0.0.1", "localhost", "[::1]"])
    def test_each_name_of_the_local_machine_is_accepted(self, server, name):
        own = f"{name}:{server.endpoint.port}"

        assert control(server, "POST", "reset", Host=own, Origin=f"http://{own}")[0] == 200

    @rows("kind", ["text/plain", "application/x-www-form-urlencoded", None])
    def test_content_types_a_foreign_form_can_send_are_refused(self, server, kind):
        assert control(server, "POST", "reset", {}, Content_Type=kind)[0] == 415

    def test_foreign_pages_may_not_read_a_response(self, server):
        answer = control_raw(server, "GET", "clock", Origin=f"http://localhost:{server.endpoint.port}")

        assert [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")] == []
        assert (answer.getheader("X-Frame-Options"), answer.getheader("Cache-Control")) == ("DENY", "no-store")
        assert control_raw(server, "OPTIONS", "reset", None).status == 405

    def test_the_control_api_is_off_without_its_option(self):
        with served() as server:
            assert control_raw(server, "GET", "").status == 404
            assert control_raw(server, "POST", "reset", "{}").status == 400


class TestPage:
    def test_the_servers_page_shows_events_without_values(self, server):
        put(server, "another-value")
        answer = control_raw(server, "GET", "")

        assert answer.getheader("Content-Type") == "text/html; charset=utf-8"
        assert b"connect-src 'self'" in answer.body
        assert b"PutSecretValue" in answer.body
        assert b"another-value" not in answer.body

    def test_page_data_is_sent_again_only_after_an_event(self, server):
        first = control(server, "GET", "state")[1]
        same = control(server, "GET", f"state?seen={first['mark'].replace(' ', '%20')}")[1]
        put(server, "another-value")
        other = control(server, "GET", f"state?seen={first['mark'].replace(' ', '%20')}")[1]

        assert ("page" in first, "page" in same, "page" in other) == (True, False, True)
        [secret] = other["secrets"]
        assert (secret["name"], [one["labels"] for one in secret["versions"]]) == (
            "db",
            [["AWSPREVIOUS"], ["AWSCURRENT"]],
        )
        assert "another-value" not in json.dumps(other)

    def test_values_are_shown_when_requested(self):
        with served("--control", "--show-values") as server:
            call(server, "CreateSecret", Name="db", SecretString="shown-value", ClientRequestToken="0" * 32)
            call(server, "CreateSecret", Name="empty", ClientRequestToken="0" * 32)
            told = control(server, "GET", "state")[1]

        assert [[one["value"] for one in secret["versions"]] for secret in told["secrets"]] == [["'shown-value'"], []]
