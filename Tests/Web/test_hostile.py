"""Whatever services, logs and errors say stays text."""
import re

import pytest
from conftest import fake, row
from playwright.sync_api import expect

HTML = "<img src=x onerror=document.title='pwned'><script>document.title='pwned'</script>"
RUN = ("/w", "<b>exp</b>", "&amp;run")
KEY = (*RUN, HTML.replace("/", "∕"))
ADDRESS = "/#service=" + "&".join(fake.__dict__["re"].sub(r"[^\w]", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), part) for part in KEY)


@pytest.fixture
def gateway():
    gateway = fake.Gateway(0)
    gateway.add_run(*RUN)
    gateway.add(*KEY, "RUNNING")
    gateway.add(*RUN, "plain", "RUNNING")
    gateway.start()
    yield gateway
    gateway.stop()


def is_harmless(page):
    assert page.title() != "pwned"
    assert page.locator("img:not([src='assets/icon.svg']), script:not([src='assets/main.js']), #app b, iframe").count() == 0


def test_names_and_errors_with_markup_stay_text(visit, gateway):
    gateway.crash(KEY, HTML + "\x1b[31m\r\nsecond line")
    page = visit(ADDRESS + "&overview")
    expect(page.locator("#detail h2")).to_have_text(KEY[3])
    expect(page.locator(".said")).to_contain_text("\\u{1b}[31m second line")
    expect(page.locator(".row.run .name")).to_have_text("<b>exp</b>")
    gateway.refusals["service.start"] = fake.Refused(422, "x", HTML * 3)
    page.locator("#detail").get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#detail .notice.bad")).to_contain_text("<script>")
    is_harmless(page)


def test_log_lines_with_markup_commands_and_tricks_stay_text(visit, gateway):
    gateway.logs[KEY].clear()
    for line in [HTML, "\x1b]0;title\x07after a title", "\u202egnp.exe", "nul \x00 bell \x07 csi \x9b31m", "\x1b[" + "1;" * 10_000 + "mmany", "\x1b[999999999Cfar",
                 "\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07", "\ud83d\ude00 emoji".encode("utf-16", "surrogatepass").decode("utf-16"), "\x1b[38;2;999;-1;9mcolour", "\x1bPq#0;2;0;0;0\x1b\\sixel"]:
        gateway.write(KEY, line)
    page = visit(ADDRESS + "&logs")
    texts = page.locator(".log-text")
    expect(texts).to_have_count(10)
    expect(texts.nth(0)).to_have_text(HTML)
    expect(texts.nth(1)).to_have_text("after a title")
    expect(texts.nth(2)).to_have_text("\\u{202e}gnp.exe")
    expect(texts.nth(3)).to_have_text("nul \\u{0} bell \\u{7} csi ")
    expect(texts.nth(4)).to_have_text("many")
    expect(texts.nth(6)).to_have_text("click")
    expect(texts.nth(7)).to_have_text("😀 emoji")
    expect(texts.nth(9)).to_have_text("sixel")
    assert page.locator(".log a").count() == 0
    is_harmless(page)


def test_lines_of_a_megabyte_and_of_many_colours_cost_little(visit, gateway):
    gateway.logs[KEY].clear()
    gateway.write(KEY, "x" * 1_000_000)
    gateway.write(KEY, "".join(f"\x1b[38;5;{number % 256}m{number % 10}" for number in range(60_000)))
    gateway.write(KEY, "\r".join(str(number) * 50 for number in range(9_000)))
    page = visit(ADDRESS + "&logs")
    expect(page.locator(".log-text")).to_have_count(3)
    expect(page.locator(".log-text").first).to_contain_text("more characters")
    assert page.locator(".log *").count() < 2_000
    assert page.evaluate("[...document.querySelectorAll('.log-text')].every((one) => one.textContent.length < 4000)")
    page.get_by_role("button", name="Wrap").click()
    assert page.locator(".log *").count() < 20_000
    is_harmless(page)


@pytest.mark.parametrize("address", ["javascript:document.title='pwned'", "data:text/html,<script>1</script>", "file:///etc/passwd", "http://[", "//"])
def test_addresses_of_pages_are_those_of_pages(visit, gateway, address):
    gateway.change((*RUN, "plain"), web=address, url=address)
    page = visit()
    expect(row(page, "plain").locator(".word")).to_have_text("Running")
    links = page.evaluate("[...document.querySelectorAll('a')].map((link) => link.href)")
    assert all(re.match("https?://|$", link) for link in links), links


def test_long_texts_stay_in_their_places(visit, gateway):
    gateway.crash((*RUN, "plain"), "very long " * 500)
    gateway.change((*RUN, "plain"), notes=["n" * 5_000], status="s" * 5_000, description="d" * 5_000)
    page = visit("/#service=%2Fw&%3Cb%3Eexp%3C%2Fb%3E&%26amp%3Brun&plain&overview")
    expect(page.locator(".said")).to_contain_text("very long")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth && document.querySelector('.detail-body').scrollWidth <= document.querySelector('.detail-body').clientWidth")


@pytest.mark.parametrize("hash", ["#service=", "#service=%&%&%&%&%", "#service=a&b&c&d&logs", "#" + "x" * 10_000, "#service=%00&%00&%00&%00&overview"])
def test_addresses_that_mean_nothing_do_no_harm(visit, gateway, hash):
    page = visit("/" + hash)
    expect(row(page, "plain")).to_be_visible()
    is_harmless(page)
