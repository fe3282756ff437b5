"""Takes docs/page.png, the picture of a run's page: `tox run -e picture`.

The run is that of the browser's tests, tests/browser/shop.py; it needs chromium and its chromedriver.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "page.png"
sys.path.insert(0, str(ROOT / "tests"))

from browser.chromium import started  # noqa: E402 - found in tests only now

_SIZE = 1180, 900
# The event that the slider shows: several secrets have versions by then.
_EVENT = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = (ROOT / "tests" / "browser" / "shop.py").read_text(encoding="utf-8")
        Path(folder, "test_shop.py").write_text(shop, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "--mock-secrets-report=run.html"]
        # One of its tests fails, as it should.
        subprocess.run(command, cwd=folder, check=False, capture_output=True)  # noqa: S603 - our own command
        driver = started(Path(folder, "profile"))
        try:
            size = {"width": _SIZE[0], "height": _SIZE[1], "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            driver.get(Path(folder, "run.html").as_uri())
            driver.execute_script(
                "const slider = document.querySelector('input[type=range]');"
                f"slider.value = {_EVENT}; slider.dispatchEvent(new Event('input', {{ bubbles: true }}));"
                "window.scrollTo(0, 0);"
            )
            driver.save_screenshot(str(FILE))
        finally:
            driver.quit()


if __name__ == "__main__":
    main()
