"""A Chromium for the tests of the dashboard, and gateways that are not xpm-web. Screenshots go where the tests' logs are."""
import importlib.util
import os
import pathlib
import shutil
import threading
import time

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".build/test-logs/screenshots"
SIZES = {"screen": {"width": 1360, "height": 860}, "phone": {"width": 390, "height": 844}}

# On a busy machine a browser takes its time.
expect.set_options(timeout=15_000)

_spec = importlib.util.spec_from_file_location("fake_gateway", pathlib.Path(__file__).with_name("fake-gateway.py"))
fake = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fake)


@pytest.fixture(scope="session")
def chromium():
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.skip("there is no chromium; scripts/deps.sh test installs it")
    with sync_playwright() as playwright:
        # As root its sandbox cannot be had; what it loads is ours.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def gateway(request):
    """With `@pytest.mark.parametrize("gateway", [N], indirect=True)` one of N services; else of 24."""
    gateway = fake.Gateway(getattr(request, "param", 24)).start()
    yield gateway
    gateway.stop()


@pytest.fixture
def visit(chromium, gateway):
    """Opens the dashboard. Whatever its scripts or its policy complain of fails the test, unless `expected` is in it."""
    contexts, complaints = [], []
    expected = ["ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "ERR_INCOMPLETE_CHUNKED", "status of 4", "status of 503"]

    def visit(path="/", scheme="light", size="screen", context=None, **options):
        if context is None:
            context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme, has_touch=size == "phone", is_mobile=size == "phone", **options)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("request", lambda request: request.url.startswith((gateway.address, "data:")) or complaints.append(f"it loads {request.url}"))
        page.goto(gateway.address + path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [one for one in complaints if not any(part in one for part in expected)] == []


@pytest.fixture
def screenshot():
    def screenshot(page, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return screenshot


def row(page, id, run=None):
    """The row of a service; of the first run that is shown, if none is named."""
    key = f'[data-key$="{run}\\0{id}"]' if run else ""
    return page.locator(f".row.service{key}").filter(has=page.locator(f'.name:text-is("{id.split("/")[-1]}")')).first


def eventually(condition, page=None, timeout=10):
    """Waits until something outside of the page holds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        page.wait_for_timeout(30) if page else threading.Event().wait(0.03)
