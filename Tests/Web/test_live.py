"""One stream for all tabs: it resumes, and says when it is lost."""
from conftest import eventually, row
from playwright.sync_api import expect


def keys(gateway, state):
    return [key for key, service in gateway.services.items() if service["state"] == state]


def test_eight_tabs_have_one_stream(visit, gateway):
    first = visit()
    tabs = [first] + [visit(context=first.context) for _ in range(7)]
    for tab in tabs:
        expect(tab.locator("#line-text")).to_have_text("Live")
        expect(tab.locator(".row.service").first).to_be_visible()
    assert gateway.open_streams == 1
    # All follow a log as well, and requests still get through: a browser has six connections for them.
    key = keys(gateway, "RUNNING")[0]
    address = "/#service=" + "&".join(part.replace("/", "%2F") for part in key) + "&logs"
    for tab in tabs:
        tab.goto(gateway.address + address)
        expect(tab.locator(".log-text").first).to_be_visible()
    gateway.crash(key, "a crash that all tabs see")
    for tab in tabs:
        expect(tab.locator("#detail .word")).to_have_text("Error")
    tabs[7].locator("#detail").get_by_role("button", name="Start", exact=True).click()
    expect(tabs[0].locator("#detail .word")).to_have_text("Running")
    assert gateway.open_streams == 1


def test_without_shared_workers_a_tab_has_its_own_stream(visit, gateway, chromium):
    context = chromium.new_context()
    context.add_init_script("delete globalThis.SharedWorker")
    page = visit(context=context)
    expect(page.locator("#line-text")).to_have_text("Live")
    key = keys(gateway, "RUNNING")[0]
    gateway.crash(key)
    expect(row(page, key[3]).locator(".word")).to_have_text("Error")
    context.close()


def test_a_lost_stream_is_told_and_resumed_where_it_was(visit, gateway, screenshot):
    page = visit()
    expect(page.locator("#line-text")).to_have_text("Live")
    key = keys(gateway, "RUNNING")[0]
    gateway.stop()
    expect(page.locator("#banner")).to_contain_text("Not connected to xpm-web")
    expect(page.locator("#banner")).to_contain_text("What you see is as of")
    expect(page.locator("body")).to_have_class("is-stale")
    screenshot(page, "not-connected")
    gateway.crash(key, "it crashed meanwhile")
    gateway.start()
    expect(page.locator("#line-text")).to_have_text("Live")
    expect(row(page, key[3]).locator(".remark")).to_have_text("it crashed meanwhile")
    expect(page.locator("#banner")).to_be_hidden()
    assert gateway.resumed[-1] is True


def test_another_gateway_begins_anew_and_nothing_is_missed(visit, gateway):
    page = visit()
    expect(page.locator("#line-text")).to_have_text("Live")
    crashed, removed = keys(gateway, "RUNNING")[:2]
    gateway.stop()
    gateway.crash(crashed, "it crashed meanwhile")
    gateway.remove(removed)
    number = len(gateway.services)
    gateway.epoch, gateway.ring = "e2", []
    gateway.start()
    expect(row(page, crashed[3]).locator(".remark")).to_have_text("it crashed meanwhile")
    expect(page.locator("#filters button").first).to_have_text(f"All{number}")
    expect(page.locator("#announcements")).to_contain_text(f"{crashed[3]}: Error")
    assert gateway.resumed[-1] is False


def test_a_gateway_without_its_daemon_says_so(visit, gateway):
    page = visit()
    expect(page.locator("#line-text")).to_have_text("Live")
    gateway.connection = "connecting"
    expect(page.locator("#banner")).to_contain_text("xpmd does not answer")
    gateway.connection = "connected"
    expect(page.locator("#banner")).to_be_hidden()


def test_nothing_is_measured_when_nobody_looks(visit, gateway, chromium):
    # In a worker its clock could not be turned.
    context = chromium.new_context()
    context.add_init_script("delete globalThis.SharedWorker")
    context.clock.install()
    page = visit(context=context)
    expect(page.locator("#line-text")).to_have_text("Live")
    eventually(lambda: gateway.measuring == 1, page)
    streams = len(gateway.resumed)
    # The tab goes to the background.
    page.evaluate("Object.defineProperty(document, 'visibilityState', {get: () => 'hidden', configurable: true});"
                  "document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward(11_000)
    eventually(lambda: len(gateway.resumed) > streams and gateway.measuring == 0)
    assert gateway.resumed[-1] is True
    context.close()
