"""A browser, and the pages on a port of this machine."""

import os
import shutil
from collections.abc import Iterator

import pytest
from browser.serving import served
from playwright.sync_api import Browser, sync_playwright
from showcase import OTHER_PLAN, SHOWN_PLAN, ShownWorkspace

from cosmolocal.web import create_app

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed; CI requires it")
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[str]:
    """Return the address of a running server."""
    app = create_app(workspace=ShownWorkspace(tmp_path_factory.mktemp("region"), (SHOWN_PLAN, OTHER_PLAN)))
    with served(app) as address:
        yield address
