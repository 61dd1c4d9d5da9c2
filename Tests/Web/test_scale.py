"""10,000 services: only what is in sight is in the page, and it stays quick."""
import pytest
from conftest import eventually
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("gateway", [10_000], indirect=True)
MOST_ROWS = 70


def test_ten_thousand_services_scroll_with_few_rows_in_the_page(visit, gateway, screenshot):
    page = visit()
    page.set_viewport_size({"width": 700, "height": 2160})
    expect(page.locator("#filters button").first).to_have_text("All10,000")
    # A search that fits all unfolds all runs.
    page.fill("#search", "@")
    # The heading is a row, too.
    rows = int(page.locator("#grid").get_attribute("aria-rowcount")) - 1
    assert rows > 10_000
    seen = page.evaluate(
        """async () => {
          const scroller = document.getElementById("scroller");
          const frame = () => new Promise(requestAnimationFrame);
          const seen = new Set();
          let most = 0;
          let gaps = 0;
          for (let top = 0; top < scroller.scrollHeight; top += scroller.clientHeight - 100) {
            scroller.scrollTop = top;
            await frame();
            await frame();
            const rows = [...document.querySelectorAll("#canvas .row")];
            most = Math.max(most, rows.length);
            for (const row of rows) seen.add(row.dataset.key);
            const box = scroller.getBoundingClientRect();
            const middle = document.elementFromPoint(box.left + 200, box.top + box.height / 2);
            if (!middle.closest(".row")) gaps++;
          }
          return { seen: seen.size, most, gaps };
        }""")
    assert seen["seen"] == rows
    assert seen["most"] <= MOST_ROWS
    assert seen["gaps"] == 0
    screenshot(page, "ten-thousand")


def test_one_of_ten_thousand_is_found(visit, gateway):
    names = [service["name"] for service in gateway.services.values()]
    key = next(key for key in list(gateway.services)[7_777:] if sum("{1}@{2}:{3}".format(*key) in name for name in names) == 1 and "/" not in key[3])
    page = visit()
    page.fill("#search", f"{key[1]}@{key[2]}:{key[3]}")
    expect(page.locator(".row.service")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".row.service")).to_be_focused()


def test_the_page_follows_while_many_services_change(visit, gateway):
    page = visit()
    expect(page.locator("#line-text")).to_have_text("Live")
    for key in list(gateway.services)[:2_000]:
        gateway.change(key, state="STOPPED", pid=None)
    last = list(gateway.services)[0]
    gateway.crash(last, "the last of many changes")
    expect(page.locator(".remark", has_text="the last of many changes")).to_be_visible()
    eventually(lambda: page.locator("#filters button").nth(5).inner_text().endswith(
        f"{sum(service['state'] == 'STOPPED' for service in gateway.services.values()):,}"), page)
    assert page.locator("#canvas .row").count() <= MOST_ROWS
    assert len(page.locator("#announcements").inner_text()) < 300
