"""A headless Chromium, and what tests do with it."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def open_browser():
    """A browser with a profile of its own; skips where there is none."""
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="pip install selenium to test the page in a browser"
    )
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("chromium and chromedriver are needed: apt-get install chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
        try:
            browser.set_page_load_timeout(60)
            browser.set_script_timeout(60)
            yield browser
        finally:
            browser.quit()


class Page:
    """The board in a browser.

    Attributes:
        browser: the browser.
        base: address of the board's folder, with a slash at its end.
    """

    def __init__(self, browser, base: str) -> None:
        self.browser = browser
        self.base = base

    def open(self, fragment: str = "") -> None:
        """Open a view from scratch, and wait until it shows."""
        self.browser.get("about:blank")
        self.browser.get(f"{self.base}index.html{fragment}")
        self.until(lambda: self.run("return document.documentElement.dataset.ready") == "yes")

    def run(self, script: str, *arguments):
        """The value of a script."""
        return self.browser.execute_script(script, *arguments)

    def find(self, selector: str):
        """The elements that a selector matches."""
        return self.browser.find_elements("css selector", selector)

    def texts(self, selector: str) -> list[str]:
        """Their texts."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent.trim())", selector
        )

    def click(self, selector: str) -> None:
        """Click the first of them, once it is there."""
        self.until(lambda: self.find(selector))
        element = self.find(selector)[0]
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition; a page that is rendered anew in between is looked at again."""
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.browser, 60, 0.05, ignored_exceptions=[StaleElementReferenceException]).until(
            lambda browser: condition()
        )

    def resize(self, width: int, height: int = 900, *, dark: bool = False) -> None:
        """A window of a size, and the colour scheme that its user prefers."""
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]},
        )

    def problems(self) -> list[str]:
        """Errors and warnings of the console since the last call."""
        return [entry["message"] for entry in self.browser.get_log("browser")]


def file_url(site: Path) -> str:
    """The address of a folder on disk."""
    return f"{site.resolve().as_uri()}/"
