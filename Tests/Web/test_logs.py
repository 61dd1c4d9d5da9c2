"""Logs: they follow, are searched, and are never whole in the page."""
import datetime
import time

import pytest
from conftest import eventually, fake, row
from playwright.sync_api import expect

KEY = ("/w", "mnist", "r1", "trainer")
ADDRESS = "/#service=%2Fw&mnist&r1&trainer&logs"


@pytest.fixture
def gateway():
    gateway = fake.Gateway(0)
    gateway.add_run(*KEY[:3])
    gateway.add(*KEY, "RUNNING")
    gateway.logs[KEY].clear()
    gateway.start()
    yield gateway
    gateway.stop()


def texts(page):
    return page.locator(".log-row .log-text")


def top_line(page):
    """The first line that can be read."""
    return page.evaluate("""() => { const box = document.querySelector(".log").getBoundingClientRect();
      return document.elementFromPoint(box.left + 120, box.top + 5)?.closest(".log-row")?.querySelector(".log-text")?.textContent ?? null; }""")


def test_the_log_follows_and_stops_following_when_somebody_scrolls_up(visit, gateway):
    for place in range(300):
        gateway.write(KEY, f"line {place}")
    page = visit(ADDRESS)
    expect(texts(page).last).to_have_text("line 299")
    gateway.write(KEY, "a new line")
    expect(texts(page).last).to_have_text("a new line")
    page.locator(".log").hover()
    page.mouse.wheel(0, -2000)
    eventually(lambda: page.evaluate("document.querySelector('.log').scrollTop < 4400"), page)
    before = top_line(page)
    gateway.write(KEY, "unseen")
    eventually(lambda: "6040" in page.locator(".log-canvas").get_attribute("style"), page)
    assert top_line(page) == before
    page.get_by_role("button", name="Newest").click()
    expect(texts(page).last).to_have_text("unseen")


def test_selected_text_stays_while_lines_come(visit, gateway):
    for place in range(5):
        gateway.write(KEY, f"line {place}")
    page = visit(ADDRESS)
    texts(page).nth(2).dblclick()
    selected = page.evaluate("String(getSelection())")
    assert selected
    for place in range(200):
        gateway.write(KEY, f"later {place}")
    eventually(lambda: "4100" in page.locator(".log-canvas").get_attribute("style"), page)
    assert page.evaluate("String(getSelection())") == selected


def test_an_unfinished_line_is_continued(visit, gateway):
    gateway.logs[KEY].append({"stream": "stdout", "attempt": 1, "at_us": int(time.time() * 1e6), "text": "loading ", "open": True})
    page = visit(ADDRESS)
    expect(texts(page).last).to_have_text("loading ")
    with gateway.lock:
        gateway.logs[KEY].append({"stream": "stdout", "attempt": 1, "at_us": int(time.time() * 1e6), "text": "done", "continues": True})
        gateway.lock.notify_all()
    expect(texts(page).last).to_have_text("loading done")
    expect(texts(page)).to_have_count(1)


def test_colours_and_carriage_returns_are_those_of_a_terminal(visit, gateway, screenshot):
    gateway.write(KEY, "\x1b[1;31mred\x1b[0m plain \x1b[38;5;208morange\x1b[0m \x1b[48;2;1;2;3mdeep\x1b[m")
    gateway.write(KEY, "".join(f"\r{part:3}% |{'#' * (part // 10):10}|" for part in range(0, 101, 10)))
    gateway.write(KEY, "100 of 200\r 50\x1b[K")
    gateway.write(KEY, "ab\b\bxy \x1b]8;;http://evil.example/\x1b\\link\x1b]8;;\x1b\\ \x1b[2Jgone\x1b[99999;99999Hstill")
    page = visit(ADDRESS)
    expect(texts(page)).to_have_text(["red plain orange deep", "100% |##########|", " 50", "xy link gonestill"])
    expect(texts(page).first.locator("span").first).to_have_class("bold f1")
    expect(texts(page).first.locator("span").nth(1)).to_have_css("color", "rgb(255, 135, 0)")
    expect(texts(page).first.locator("span").nth(2)).to_have_css("background-color", "rgb(1, 2, 3)")
    screenshot(page, "log-colours")


def test_search_is_by_regular_expression_and_says_what_is_wrong_with_one(visit, gateway):
    for place in range(2000):
        gateway.write(KEY, f"epoch {place} loss {place % 7}")
    page = visit(ADDRESS)
    search = page.get_by_label("Show only lines that match a regular expression")
    search.fill("epoch 19[0-9]{2} loss 3")
    expect(texts(page).last).to_have_text("epoch 1998 loss 3")
    eventually(lambda: page.evaluate("[...document.querySelectorAll('.log-row .log-text')].every((one) => one.textContent.endsWith('loss 3'))"), page)
    gateway.write(KEY, "epoch 1999 loss 3")
    expect(texts(page).last).to_have_text("epoch 1999 loss 3")
    search.fill("loss 3")
    expect(page.locator(".log mark").first).to_have_text("loss 3")
    search.fill("(")
    expect(page.locator(".log-message")).to_contain_text("cannot use the pattern '('")
    search.fill("nothing like that")
    expect(page.locator(".log-message")).to_have_text("No line matches.")


def test_a_time_range_shows_what_was_written_in_it(visit, gateway):
    noon = datetime.datetime(2026, 11, 20, 12, 0, 0).timestamp()
    for minute in range(120):
        gateway.write(KEY, f"minute {minute}", at=noon + 60 * minute)
    page = visit(ADDRESS)
    page.get_by_role("button", name="Time range").click()
    page.get_by_label("From").fill("2026-11-20T12:30:00")
    page.get_by_label("Until").fill("2026-11-20T12:40:00")
    expect(texts(page).first).to_have_text("minute 30")
    expect(texts(page).last).to_have_text("minute 40")
    page.get_by_role("button", name="All times").click()
    expect(texts(page).last).to_have_text("minute 119")


def test_streams_and_attempts_are_told_apart(visit, gateway):
    gateway.write(KEY, "out")
    gateway.write(KEY, "err", "stderr")
    gateway.logs[KEY].append({**gateway.logs[KEY][-1], "attempt": 9, "text": "again"})
    page = visit(ADDRESS)
    expect(page.locator(".log-row.attempt")).to_have_text("attempt 9")
    page.get_by_label("Streams").select_option("stderr")
    expect(texts(page)).to_have_text(["err", "again"])


def test_a_log_of_a_gigabyte_is_read_by_pieces(visit, gateway, screenshot):
    lines = 10_000_000
    gateway.logs[KEY] = fake.LongLog(lines)
    page = visit(ADDRESS)
    expect(texts(page).last).to_contain_text(f"line {lines - 1} of")
    page.locator(".log").hover()
    # Up through many pages, and nothing is missing or there twice.
    number = lambda: int((top_line(page) or "line -1").split()[1])

    def scrolled(by, reached):
        page.mouse.wheel(0, by)
        return reached(number())

    eventually(lambda: scrolled(-3000, lambda line: 0 < line < lines - 3000), page, timeout=20)
    held = page.evaluate("""() => [...document.querySelectorAll(".log-row")].map((row) => [row.getBoundingClientRect().top, row.querySelector(".log-text")?.textContent])
        .sort((one, other) => one[0] - other[0]).map(([, text]) => Number(text.split(" ")[1]))""")
    assert held == list(range(held[0], held[0] + len(held)))
    assert page.locator(".log-row").count() < 120
    # Its beginning, at once, and on from there.
    page.get_by_role("button", name="Oldest").click()
    expect(texts(page).first).to_contain_text("line 0 of")
    page.locator(".log").hover()
    eventually(lambda: scrolled(20_000, lambda line: line > 20_000), page, timeout=20)
    # A part of it was read, and no more.
    assert sum(gateway.sizes) < 100_000_000
    page.get_by_role("button", name="Newest").click()
    expect(texts(page).last).to_contain_text(f"line {lines - 1} of")
    gateway.write(KEY, "and it still follows")
    expect(texts(page).last).to_have_text("and it still follows")
    screenshot(page, "log-gigabyte")


def test_the_window_lets_go_of_lines_and_finds_them_again(visit, gateway):
    page = visit(ADDRESS)
    gateway.logs[KEY] = fake.LongLog(200_000)
    result = page.evaluate("""async (service) => {
      const { LogWindow, MOST_LINES } = await import("/assets/log-window.js");
      const number = (entry) => Number(entry.text.split(" ")[1]);
      const isWhole = (entries) => entries.every((entry, place) => number(entry) === number(entries[0]) + place);
      const window = new LogWindow(service, {}, () => {});
      await window.openAtEnd();
      const steps = [];
      const note = () => steps.push([number(window.entries[0]), number(window.entries.at(-1)), isWhole(window.entries), window.entries.length <= MOST_LINES]);
      note();
      for (let page = 0; page < 100; page++) await window.older();
      note();
      while (!window.isAtEnd) await window.newer();
      note();
      await window.openAtStart();
      window.close();
      return steps;
    }""", {"workspace": "/w", "experiment": "mnist", "run": "r1", "id": "trainer"})
    assert [step[2:] for step in result] == [[True, True]] * 3
    assert result[0][1] == result[2][1] == 199_999
    # Each page has a few lines of the one before it, by which it is known where it belongs.
    assert 149_500 <= result[1][0] < 150_000


def test_wrapped_lines_are_whole_and_long_ones_are_cut_otherwise(visit, gateway):
    gateway.write(KEY, "start " + "x" * 50_000 + " end")
    page = visit(ADDRESS)
    expect(texts(page).first).to_contain_text("more characters")
    page.get_by_role("button", name="Wrap").click()
    expect(texts(page).last).to_contain_text(" end")
    assert page.locator(".log-row").count() < 120


def test_a_log_that_is_elsewhere_says_where(visit, gateway):
    gateway.add(*KEY[:3], "journal", "RUNNING")
    page = visit("/#service=%2Fw&mnist&r1&journal&logs")
    expect(page.locator(".log-message code")).to_have_text("journalctl --user -t journal")


def test_the_log_goes_on_after_the_gateway_was_away(visit, gateway):
    gateway.write(KEY, "before")
    page = visit(ADDRESS)
    expect(texts(page).last).to_have_text("before")
    gateway.stop()
    expect(page.locator(".log-message")).to_contain_text("cannot reach xpm-web")
    gateway.write(KEY, "meanwhile")
    gateway.start()
    expect(texts(page).last).to_have_text("meanwhile", timeout=20_000)
