"""A process whose clock jumped back, under pytest: what the plugin looks at by itself warns of nothing."""


def test_the_leak_check_after_a_freeze_in_the_future_gives_no_warning(project):
    result = project.run(
        """
        from freezegun import freeze_time

        @pytest.mark.mock_secrets(leaks="fail")
        def test_it():
            with freeze_time("2131-01-01"):
                create("db")
        """
    )

    result.assert_outcomes(passed=1)


def test_the_warning_is_shown_at_the_line_of_the_test(project):
    result = project.run(
        """
        from freezegun import freeze_time

        def test_it(secrets_backend):
            with freeze_time("2131-01-01"):
                create("db")
            secrets_backend.clock.now()  # this line
        """,
        "-Wdefault",
    )

    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*ClockWarning: *from 2131-01-01T00:00:00+00:00 to *", "*clock.now()  # this line"])


def test_each_test_sharing_a_wider_mock_is_warned_once(project):
    result = project.run(
        """
        from freezegun import freeze_time

        @pytest.mark.parametrize("year", [2131, 2231])
        def test_it(module_secrets_backend, year):
            for _ in range(2):
                with freeze_time(f"{year}-01-01"):
                    module_secrets_backend.clock.now()
                module_secrets_backend.clock.now()
        """,
        "-Wdefault",
    )

    result.assert_outcomes(passed=2, warnings=2)
