"""The page of ``mock-secrets serve --control`` in a real browser, while things happen."""

import shutil

import pytest

pytest.importorskip("selenium")
if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("there is no chromium with its chromedriver", allow_module_level=True)

from browser.chromium import started
from command_line.served import call, served
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    driver = started(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


class Live:
    """The page as a reader has it before the eyes."""

    def __init__(self, driver, server):
        self.driver = driver
        driver.get(f"{server.endpoint.url}/_mock_secrets/")
        self.wait("#held tr")

    def text(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css).text

    def wait(self, css, words=""):
        def is_there(driver):
            return any(words in one.text for one in driver.find_elements(By.CSS_SELECTOR, css))

        WebDriverWait(self.driver, 15, ignored_exceptions=()).until(lambda driver: self.tried(is_there, driver))

    @staticmethod
    def tried(is_there, driver):
        # What was found may be drawn anew in the meantime.
        try:
            return is_there(driver)
        except Exception:  # noqa: BLE001
            return False

    def press(self, label):
        self.driver.find_element(By.CSS_SELECTOR, f'button[aria-label="{label}"]').click()

    @property
    def complaints(self):
        return [one["message"] for one in self.driver.get_log("browser") if one["level"] == "SEVERE"]


def create(server, name, value="s3cret-value"):
    call(server, "CreateSecret", Name=name, SecretString=value, ClientRequestToken=f"{name:0>32}")


@pytest.fixture
def server():
    with served("--control", "--at", "2026-01-01T00:00:00Z") as server:
        create(server, "db")
        yield server


@pytest.fixture
def page(chromium, server):
    return Live(chromium, server)


def test_the_live_page_shows_events_as_they_happen_without_values(page, server):
    page.wait("#held", "db")
    create(server, "api")
    page.wait("#held", "api")
    page.wait(".lanes", "api")

    assert "s3cret-value" not in page.driver.page_source
    assert page.complaints == []


def test_a_button_advances_time_and_a_deleted_secret_disappears(page):
    page.press("delete db")
    page.wait("#held", "scheduled for deletion until 2026-01-31 00:00:00Z")
    by = page.driver.find_element(By.ID, "by")
    by.clear()
    by.send_keys("30")
    page.driver.find_element(By.CSS_SELECTOR, 'button[data-unit="days"]').click()

    page.wait("#held", "There are no secrets.")
    assert page.text("#now") == "2026-01-31 00:00:00Z"


def test_a_button_restores_a_deleted_secret(page, server):
    page.press("delete db")
    page.wait("#held button", "restore")
    page.press("restore db")
    page.wait("#held button", "delete")

    assert page.text("#said") == "RestoreSecret of db"
    assert [one.operation for one in server.backend.calls][-2:] == ["DeleteSecret", "RestoreSecret"]


def test_a_refused_action_shows_the_aws_error(page):
    page.press("rotate db")

    page.wait("#said", "RotateSecret of db: ")
    assert "InvalidRequestException" in page.text("#said")


def test_a_button_starts_a_rotation(page, server):
    arn = server.backend.register_rotation_lambda("rotate", lambda event, context: None)
    call(
        server,
        "RotateSecret",
        SecretId="db",
        RotationLambdaARN=arn,
        RotationRules={"AutomaticallyAfterDays": 9},
        RotateImmediately=False,
        ClientRequestToken="1" * 32,
    )
    page.press("rotate db")

    page.wait("#said", "RotateSecret of db")
    assert server.backend["db"].rotations


def test_the_live_page_keeps_the_readers_replay_position(page, server):
    create(server, "api")
    page.wait(".lanes", "api")
    page.driver.execute_script(
        "const one = document.querySelector('.replay input'); one.value = 1; one.dispatchEvent(new Event('input'))"
    )
    create(server, "third")
    page.wait(".lanes", "third")
    page.wait(".replay output", "1 of 3")


def test_values_are_shown_when_requested(chromium):
    with served("--control", "--show-values") as server:
        create(server, "db", "<b>shown-value</b>")
        page = Live(chromium, server)

        page.wait("#held .value", "'<b>shown-value</b>'")


def test_the_live_page_reports_that_the_server_stopped_answering(chromium):
    with served("--control") as server:
        page = Live(chromium, server)

    page.wait("#link", "no answer")
