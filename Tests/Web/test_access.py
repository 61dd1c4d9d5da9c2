"""Everybody can use it: axe finds nothing serious, all is reached by keys, and it fits a phone, in light and dark."""
import json
import pathlib
import re

import axe_playwright_python
import pytest
from conftest import eventually, row
from playwright.sync_api import expect

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def open_service(page, tab="overview"):
    row(page, "tensorboard").locator(".names").click()
    page.locator(f"#tab-{tab}").click()
    page.locator({"overview": ".facts dd", "logs": ".log-row", "events": ".timeline"}[tab]).first.wait_for()


def ask(page, key, title):
    page.keyboard.press(key)
    expect(page.get_by_role("dialog").locator("h2")).to_have_text(title)


VIEWS = {
    "list": lambda page, gateway: page.locator(".c-memory", has_text="MB").first.wait_for(state="attached"),
    "selected": lambda page, gateway: page.get_by_label(re.compile("^Select all of mnist")).first.check(),
    "overview": lambda page, gateway: open_service(page),
    "logs": lambda page, gateway: open_service(page, "logs"),
    "events": lambda page, gateway: open_service(page, "events"),
    "timeline": lambda page, gateway: page.get_by_role("button", name="Timeline of all events").click(),
    "new": lambda page, gateway: (ask(page, "n", "New service"), page.get_by_label("Template").wait_for()),
    "help": lambda page, gateway: ask(page, "?", "Keyboard and help"),
    "filtered": lambda page, gateway: page.fill("#search", "nothing like that"),
    "lost": lambda page, gateway: (gateway.stop(), page.get_by_text("Not connected to xpm-web").wait_for(), gateway.start()),
}


# Each view in each scheme, and on a phone what is laid out in another way there.
CASES = [(view, scheme, "screen") for view in VIEWS for scheme in ("light", "dark")]
CASES += [(view, scheme, "phone") for view, scheme in (("list", "light"), ("list", "dark"), ("overview", "dark"), ("logs", "light"), ("new", "light"))]


@pytest.mark.parametrize("view,scheme,size", CASES)
def test_axe_finds_nothing_serious(visit, gateway, screenshot, view, scheme, size):
    gateway.write(next(iter(gateway.services)), "".join(f"\x1b[{code}mcolour {code}\x1b[0m " for code in [*range(31, 38), *range(90, 98), 41, 44, 107]) + "\x1b[2mdim\x1b[0m")
    page = visit(scheme=scheme, size=size, reduced_motion="reduce")
    expect(row(page, "tensorboard")).to_be_visible()
    VIEWS[view](page, gateway)
    screenshot(page, f"{view}-{scheme}-{size}")
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    bad = [{"rule": one["id"], "nodes": [f'{node["html"][:160]}: {node["failureSummary"][:300]}' for node in one["nodes"][:4]]}
           for one in found if one["impact"] in ("serious", "critical")]
    assert not bad, json.dumps(bad, indent=1)


def test_nothing_is_wider_than_a_phone(visit, gateway):
    page = visit(size="phone")
    row(page, "tensorboard").locator(".names").tap()
    for tab in ("overview", "logs", "events"):
        page.locator(f"#tab-{tab}").tap()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Back to the list").tap()
    expect(row(page, "tensorboard")).to_be_visible()
    small = page.evaluate("""[...document.querySelectorAll("button, a")].filter((one) => one.offsetParent && !one.closest(".fold"))
        .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)]).filter(([box]) => box.width > 1 && (box.width < 24 || box.height < 24)).map(([, html]) => html)""")
    assert small == []


def test_everything_is_done_by_keys(visit, gateway):
    page = visit()
    expect(page.locator("#line-text")).to_have_text("Live")
    press = page.keyboard.press
    focused = lambda: page.evaluate("document.activeElement.closest('.row')?.querySelector('.name')?.textContent ?? document.activeElement.id")
    press("/")
    assert focused() == "search"
    page.keyboard.type("tensorboard")
    press("Enter")
    assert focused() == "tensorboard"
    press("/")
    press("Control+a")
    press("Delete")
    press("ArrowDown")
    first = focused()
    press("j")
    assert focused() != first
    press("k")
    assert focused() == first
    press("Enter")
    expect(page.locator("#detail h2")).to_be_focused()
    press("l")
    expect(page.locator("#tab-logs")).to_have_attribute("aria-selected", "true")
    press("w")
    expect(page.locator("#tab-overview")).to_have_attribute("aria-selected", "true")
    page.locator("#tab-overview").focus()
    press("ArrowRight")
    expect(page.locator("#tab-logs")).to_be_focused()
    press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    assert focused() == first
    press("Space")
    expect(page.locator("#bulk .what")).to_have_text("1 service selected")
    press("x")
    expect(page.locator(".row.service:focus .word")).to_have_text("Stopped")
    press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()
    press("s")
    expect(page.locator(".row.service:focus .word")).to_have_text("Running")
    # What is in a row is reached by arrows, folding too.
    press("ArrowRight")
    assert page.evaluate("document.activeElement.type") == "checkbox"
    press("ArrowLeft")
    press("ArrowLeft")
    rows = page.locator("#grid").get_attribute("aria-rowcount")
    press("ArrowLeft")
    assert int(page.locator("#grid").get_attribute("aria-rowcount")) < int(rows)
    press("ArrowRight")
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", rows)
    press("End")
    expect(page.locator(".row:focus")).to_have_attribute("aria-rowindex", rows)
    press("Home")
    expect(page.locator(".row:focus")).to_have_attribute("aria-rowindex", "2")
    press("t")
    expect(page.locator("#detail h2")).to_have_text("Timeline")
    press("Escape")
    press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next, previous row")
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    press("n")
    expect(page.get_by_label("Template")).to_be_focused()
    press("Escape")


def test_tab_goes_through_the_page_in_its_order_and_never_gets_lost(visit, gateway):
    page = visit()
    expect(row(page, "tensorboard")).to_be_visible()
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement.id || document.activeElement.className || document.activeElement.tagName")
        if stop == "BODY" or (stops and stop == stops[0]):
            break
        stops.append(stop)
        box = page.evaluate("(({width, height}) => [width, height])(document.activeElement.getBoundingClientRect())")
        assert min(box) > 0, stop
    assert stops[:3] == ["skip", "search", "create"]
    # One row is a stop, with what is in it: not a hundred of them.
    assert sum("row" in stop.split() for stop in stops) == 1
    assert len(stops) < 30


def test_the_row_with_the_focus_stays_when_it_is_out_of_sight_or_changes(visit, gateway):
    page = visit()
    expect(row(page, "tensorboard")).to_be_visible()
    page.fill("#search", "@")
    page.keyboard.press("Enter")
    key = page.evaluate("document.activeElement.dataset.key")
    page.evaluate("document.getElementById('scroller').scrollTop = 1e6")
    eventually(lambda: page.evaluate("document.getElementById('scroller').scrollTop > 100"), page)
    for service in list(gateway.services)[-3:]:
        gateway.crash(service)
    expect(page.locator(".remark", has_text="exit code 139").first).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.key") == key


def test_a_removed_row_gives_its_focus_to_its_neighbour(visit, gateway):
    page = visit()
    expect(row(page, "tensorboard")).to_be_visible()
    page.fill("#search", "jupyterlab")
    page.keyboard.press("Enter")
    key = page.evaluate("document.activeElement.dataset.key")
    gateway.remove(tuple(key.split("\0")))
    eventually(lambda: page.evaluate("document.activeElement.dataset.key") not in (key, None), page)


def test_colours_follow_the_system_until_somebody_chooses(visit, gateway):
    page = visit(scheme="dark")
    background = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background() == "rgb(17, 19, 21)"
    page.locator("#theme").click()
    assert background() == "rgb(248, 248, 246)"
    page.reload()
    assert background() == "rgb(248, 248, 246)"
    page.locator("#theme").click()
    page.locator("#theme").click()
    assert background() == "rgb(17, 19, 21)"
