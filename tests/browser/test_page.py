"""The page in a real browser: Debian's chromium, driven by its chromedriver. ``tox run -e browser`` has what it needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("selenium")
if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("there is no chromium with its chromedriver", allow_module_level=True)

from browser.chromium import started
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SHOP = Path(__file__).with_name("shop.py").read_text(encoding="utf-8")
# Texts that stand out from their ground by less than 4.5 to 1, which WCAG asks for.
FAINT = """
const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const ground = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return /^rgba.* 0\\)$/.test(colour) ? ground(one.parentElement) : colour;
};
const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
return [...document.querySelectorAll(".label, .soft, .hint, .bad, .mark, dt, dd, pre, summary")]
    .filter((one) => one.checkVisibility() && ratio(light(getComputedStyle(one).color), light(ground(one))) < 4.5)
    .map((one) => one.className + " " + one.textContent.slice(0, 40));
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The page of a small run in a project of its own."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "test_shop.py").write_text(SHOP, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
    subprocess.run([*command, "--mock-secrets-report=report.html"], cwd=folder, check=False, capture_output=True)  # noqa: S603
    return folder / "report.html"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    driver = started(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


class Page:
    """The page as a reader has it before the eyes."""

    def __init__(self, driver, file):
        self.driver = driver
        driver.get(f"file://{file}")

    def all(self, css):
        return [one for one in self.driver.find_elements(By.CSS_SELECTOR, css) if one.is_displayed()]

    def one(self, css):
        return self.all(css)[0]

    def text(self, css):
        return self.one(css).text

    @property
    def names(self):
        return [one.text[1:].strip() for one in self.all("#list .name")]

    def choose(self, name):
        next(one for one in self.all("#list button") if name in one.text).click()

    def tick(self, words):
        """Click the first event whose words are these."""
        tick = next(one for one in self.driver.find_elements(By.CLASS_NAME, "tick") if words in one.accessible_name)
        self.driver.execute_script("arguments[0].click()", tick)
        return tick

    @property
    def active(self):
        return self.driver.switch_to.active_element


@pytest.fixture
def page(chromium, file):
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    return Page(chromium, file)


def test_the_page_opens_from_disk_without_errors_or_requests(page):
    assert page.driver.title == "AWS Secrets Manager, mocked"
    assert page.driver.get_log("browser") == []
    assert page.driver.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_failed_tests_come_first_and_are_expanded(page):
    assert page.names == ["test_that_fails", "test_that_proves", "test_with_odd_names"]
    assert page.text("#detail h2") == "test_shop.py::test_that_fails"
    assert "can't find the specified secret" in page.text("#detail pre")
    assert "'db' is in us-east-1; this client is in eu-west-1" in page.text("[aria-label='The event'] .hint")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("PROVES", ["test_that_proves"]),
        ("shop/api", ["test_that_fails"]),
        ("ReplicateSecret", ["test_that_fails"]),
        ("resourcenotfound", ["test_that_fails"]),
        ("db fails", ["test_that_fails"]),
        ("nothing like it", []),
    ],
)
def test_tests_can_be_searched_by_name_secret_operation_and_error(page, words, found):
    page.one("#query").send_keys(words)

    assert page.names == found
    assert bool(page.all("#none")) is not found


def test_outcomes_can_be_filtered_out(page):
    page.one("#outcomes input[value='failed']").click()

    assert page.names == ["test_that_proves", "test_with_odd_names"]


def test_an_event_describes_the_call(page):
    page.tick("PutSecretValue of shop/api")

    told = page.text("[aria-label='The event']")
    for words in (
        "PutSecretValue",
        "administrator",
        "test_shop.py:",
        "in test_that_fails",
        "SecretString\n<redacted>",
        "AWSPENDING",
    ):
        assert words in told


def test_a_response_shows_which_version_it_returned(page):
    page.choose("test_that_proves")
    page.tick("GetSecretValue of a")

    assert "answered\nwith v1" in page.text("[aria-label='The event']")


def test_the_axis_shows_the_time(page):
    times = [one.text for one in page.driver.find_elements(By.CSS_SELECTOR, ".track text.when")]

    assert re.fullmatch(r"\d+ \w{3} \d\d:\d\d", times[0])
    assert len(times) >= 3


def test_axis_labels_do_not_cover_events(page):
    covered = """
        const boxes = (css) => [...document.querySelectorAll(css)].map((one) => one.getBoundingClientRect());
        return boxes(".axis .tick").filter((tick) => boxes(".axis text").some((text) =>
            tick.left < text.right && text.left < tick.right && tick.top < text.bottom && text.top < tick.bottom)).length
    """

    assert page.driver.execute_script(covered) == 0


def test_the_text_of_a_bar_stays_visible(page):
    script = (
        "const axis = document.querySelector('.scroll'); axis.style.scrollBehavior = 'auto'; axis.scrollLeft = 150;"
    )
    page.driver.execute_script(script)

    seen = """
        const left = document.querySelector('.scroll').getBoundingClientRect().left;
        return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(
            [...document.querySelector('.track').querySelectorAll('.on')].map((one) => [one.textContent, one.getBoundingClientRect().left - left])))))
    """
    assert dict(page.driver.execute_script(seen))["v2 OURS"] == pytest.approx(6, abs=1)


def test_labels_before_and_after_a_call_are_shown(page):
    page.tick("UpdateSecret of db")

    (row,) = page.one("[aria-label='The event']").find_elements(By.CSS_SELECTOR, "tbody tr")
    before, after = (one.text for one in row.find_elements(By.TAG_NAME, "td")[1:])
    assert before == "v1 AWSCURRENT"
    assert after.splitlines() == ["v1 AWSPREVIOUS", "v2 AWSCURRENT"]


def test_the_slider_replays_the_state_of_the_secrets(page):
    slider = page.one(".replay input")
    slider.send_keys(Keys.HOME)
    assert "There are none." in page.text("[aria-label='State of the secrets']")

    slider.send_keys(Keys.ARROW_RIGHT)
    assert "AWSCURRENT" in page.text("[aria-label='State of the secrets']")

    slider.send_keys(Keys.END)
    told = page.text("[aria-label='State of the secrets']")
    assert "shop/api gone" in told
    assert "v3 AWSPENDING" in told


def test_a_secret_in_its_recovery_window_shows_when_the_window_ends(page):
    page.tick("DeleteSecret of shop/api")

    assert "scheduled for deletion until" in page.text("[aria-label='State of the secrets']")


def test_each_secret_has_a_lane_even_a_removed_replica(page):
    lanes = page.one(".lanes").find_elements(By.TAG_NAME, "div")

    assert [one.text.splitlines() for one in lanes] == [["shop/api"], ["db"], ["db", "eu-west-1"]]


def test_clock_jumps_are_shown_as_breaks(page):
    assert "3 days" in [one.text for one in page.driver.find_elements(By.CSS_SELECTOR, ".track svg text")]


def test_everything_can_be_reached_by_keyboard(page):
    page.one("#list button[aria-current]").send_keys(Keys.ARROW_DOWN)
    assert "test_that_proves" in page.active.text

    tick = page.tick("CreateSecret of shop/api")
    tick.send_keys(Keys.ARROW_RIGHT)
    assert page.active.get_attribute("aria-pressed") == "true"
    assert "PutSecretValue" in page.active.accessible_name
    page.active.send_keys(Keys.HOME)
    assert "CreateSecret of db" in page.active.accessible_name
    # One stop for all of them.
    assert len(page.one(".track").find_elements(By.CSS_SELECTOR, ".tick[tabindex='0']")) == 1

    page.one("#tab-tests").send_keys(Keys.ARROW_RIGHT)
    assert page.active.get_attribute("aria-selected") == "true"
    assert page.all("#run h2")


def test_the_events_are_also_shown_as_a_table(page):
    page.one("#detail summary").click()

    # It is filled once the browser has told that it was opened.
    found = WebDriverWait(page.driver, 10).until(lambda _: page.all("#detail details tbody tr"))
    rows = [one.text for one in found]
    assert "CreateSecret db" in rows[0]
    assert "ResourceNotFoundException" in rows[-1]


def test_events_undone_by_a_savepoint_are_marked(page):
    assert "Before a savepoint was undone:" in page.all("#detail h3")[-1].text
    assert "refused" in page.all("#list .where")[0].text


def test_the_run_shows_what_it_proves(page):
    page.one("#tab-run").click()

    cards = {one.get_attribute("aria-label"): one.text for one in page.all("#run section")}
    assert "secretsmanager:GetSecretValue" in cards["The least policy that all calls needed"]
    assert "secretsmanager:DeleteSecret: no call needed it" in cards["Granted but not used"]
    assert "put the value of secret 'a' into description" in cards["Leaks into CloudTrail"]
    assert "TagResource" in cards["Operations that no test called"]


def test_names_cannot_inject_markup_or_break_the_layout(page):
    page.choose("test_with_odd_names")

    assert page.driver.execute_script("return [window.broken, document.scripts.length]") == [None, 2]
    names = [one.get_attribute("textContent") for one in page.driver.find_elements(By.CSS_SELECTOR, ".lanes b")]
    assert "</script><script>window.broken=1</script>" in page.text("#detail .axis + .legend + .replay + .pair")
    assert max(map(len, names)) == 512
    assert page.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_no_value_is_in_the_file(file):
    text = file.read_text(encoding="utf-8")

    assert text.isascii() or "hunter" not in text
    assert [value for value in ("hunter22", "second-value", "value-of-a") if value in text] == []


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_page_is_readable_on_a_phone_in_dark_mode(chromium, file, is_dark):
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    page = Page(chromium, file)

    assert page.driver.execute_script("return document.documentElement.scrollWidth") == 390
    colours = page.driver.execute_script(
        "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
    )
    ink, ground = (int(colour.removeprefix("rgb(").split(",")[0]) for colour in colours)
    assert (ink > ground) is is_dark
    assert page.driver.execute_script(FAINT) == []


def test_a_single_backend_also_has_a_page(chromium, tmp_path):
    from mock_secrets import SecretsBackend

    backend = SecretsBackend(secrets={"db": "hunter22"})

    page = Page(chromium, backend.write_report(tmp_path / "backend.html"))

    assert "1 secret, 0 calls" in page.text("#detail h2")
    assert not page.all("#side")
