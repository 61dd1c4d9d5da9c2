"""The dashboard in a real browser, on a gateway that is not there: what it shows, and what can be done in it."""
import re

import pytest
from conftest import eventually, fake, row
from playwright.sync_api import expect

RUN = ("/w", "mnist", "r1")


@pytest.fixture
def gateway():
    """A run with few services of which each test knows the state."""
    gateway = fake.Gateway(0)
    gateway.add_run(*RUN)
    gateway.add(*RUN, "tensorboard", "RUNNING", template="tensorboard")
    gateway.add(*RUN, "monitor", "RUNNING")
    gateway.add(*RUN, "monitor/wandb", "RUNNING")
    gateway.add(*RUN, "optuna", "STOPPED")
    gateway.start()
    yield gateway
    gateway.stop()


def test_services_are_shown_with_their_state_age_and_page(visit, gateway):
    page = visit()
    expect(row(page, "tensorboard").locator(".word")).to_have_text("Running")
    expect(row(page, "tensorboard").locator(".since")).to_have_attribute("title", re.compile(r"\d\d:\d\d"))
    link = row(page, "tensorboard").locator("a")
    expect(link).to_have_attribute("href", re.compile(r"^http://tensorboard-mnist-r1-\w+\.localhost:\d+/services/tensorboard/$"))
    expect(link).to_have_attribute("rel", "noopener")
    expect(link).to_have_attribute("target", "_blank")
    expect(row(page, "optuna").locator(".word")).to_have_text("Stopped")
    expect(row(page, "monitor/wandb")).to_have_attribute("aria-level", "3")
    expect(page.locator("#filters button").first).to_have_text("All4")
    expect(page.locator("#line-text")).to_have_text("Live")


def test_memory_and_processor_are_shown_while_somebody_looks(visit, gateway):
    page = visit()
    expect(row(page, "tensorboard").locator(".c-memory")).to_have_text(re.compile(r"MB"))
    expect(row(page, "tensorboard").locator(".c-cpu .number")).to_have_text(re.compile(r"%"))
    expect(row(page, "tensorboard").locator(".spark polyline")).to_have_attribute("points", re.compile(r",.*,"))


def test_the_last_line_of_a_service_stands_beside_it(visit, gateway):
    gateway.write((*RUN, "tensorboard"), "\x1b[32mserving\x1b[0m 3 runs")
    expect(row(visit(), "tensorboard").locator(".remark")).to_have_text("serving 3 runs")


def test_a_crash_turns_red_by_itself(visit, gateway, screenshot):
    page = visit()
    expect(row(page, "tensorboard").locator(".word")).to_have_text("Running")
    gateway.crash((*RUN, "tensorboard"), "exit code 139")
    word = row(page, "tensorboard").locator(".word")
    expect(word).to_have_text("Error")
    expect(word).to_have_css("color", "rgb(185, 28, 28)")
    # Not by colour alone: its shape is another one, too.
    expect(row(page, "tensorboard").locator(".shape use")).to_have_attribute("href", "#i-error")
    expect(row(page, "tensorboard").locator(".remark")).to_have_text("exit code 139")
    expect(page.locator("#announcements")).to_have_text("tensorboard: Error")
    expect(page).to_have_title("1 failed · xpmd")
    screenshot(page, "crash")


def test_start_stop_and_restart_are_asked_for_and_seen(visit, gateway):
    page = visit()
    row(page, "optuna").get_by_role("button", name="Start optuna").click()
    expect(row(page, "optuna").locator(".word")).to_have_text("Running")
    row(page, "optuna").get_by_role("button", name="Stop optuna").click()
    expect(row(page, "optuna").locator(".word")).to_have_text("Stopped")
    row(page, "tensorboard").locator(".names").click()
    page.locator("#detail").get_by_role("button", name="Restart").click()
    expect(page.locator("#detail .word")).to_have_text("Starting")
    expect(page.locator("#detail .word")).to_have_text("Running")
    identity = dict(zip(("workspace", "experiment", "run"), RUN))
    assert [call for call in gateway.calls if call[0] in ("service.start", "service.stop", "service.restart")] == [
        ("service.start", {"service": {**identity, "id": "optuna"}}),
        ("service.stop", {"service": {**identity, "id": "optuna"}}),
        ("service.restart", {"service": {**identity, "id": "tensorboard"}}),
    ]


def test_an_error_is_told_where_it_happened(visit, gateway):
    gateway.refusals["service.start"] = fake.Refused(422, "command_not_found", "cannot start 'optuna': there is no optuna-dashboard in its PATH")
    page = visit()
    row(page, "optuna").get_by_role("button", name="Start optuna").click()
    expect(row(page, "optuna").locator(".remark")).to_have_text("cannot start 'optuna': there is no optuna-dashboard in its PATH")
    expect(row(page, "monitor").locator(".remark")).not_to_contain_text("cannot")
    row(page, "optuna").locator(".names").click()
    expect(page.locator("#detail .notice.bad")).to_contain_text("there is no optuna-dashboard")
    # The next action, or a change of its state, ends it.
    gateway.refusals.clear()
    page.locator("#detail").get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#detail .notice.bad")).to_be_hidden()


def test_several_services_are_stopped_at_once(visit, gateway):
    page = visit()
    page.get_by_label("Select all of mnist").check()
    expect(page.locator("#bulk .what")).to_have_text("4 services selected")
    page.locator("#bulk").get_by_role("button", name="Stop").click()
    expect(page.locator(".word", has_text="Stopped")).to_have_count(4)
    assert sorted(call[1]["service"]["id"] for call in gateway.calls if call[0] == "service.stop") == ["monitor", "monitor/wandb", "tensorboard"]


def test_removal_is_asked_for_and_takes_parts_along(visit, gateway):
    for id in ("monitor", "monitor/wandb"):
        gateway.change((*RUN, id), state="STOPPED", pid=None)
    page = visit()
    row(page, "monitor").locator("input").check()
    row(page, "monitor/wandb").locator("input").check()
    page.locator("#bulk").get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("h2")).to_have_text("Remove 'monitor'?")
    dialog.get_by_label("Delete its logs, too").check()
    dialog.get_by_role("button", name="Remove").click()
    expect(page.locator(".row.service")).to_have_count(2)
    expect(page.locator("#bulk")).to_be_hidden()
    assert [call[1].get("logs") for call in gateway.calls if call[0] == "service.remove"] == [True]


def test_why_tells_cause_history_meaning_and_what_to_do(visit, gateway, screenshot):
    gateway.crash((*RUN, "tensorboard"), "killed by SIGSEGV")
    page = visit()
    row(page, "tensorboard").locator(".names").click()
    detail = page.locator("#detail")
    expect(detail.locator("h3").first).to_have_text("Why is it in error?")
    expect(detail.locator(".said")).to_have_text("killed by SIGSEGV")
    expect(detail.locator(".next")).to_have_text("Its log shows its last lines; Start tries again.")
    expect(detail.locator(".event .what").first).to_have_text("Running → Error")
    expect(detail.locator(".facts")).to_contain_text("it crashed: invalid memory access")
    expect(detail.locator(".facts")).to_contain_text("python -m tensorboard --run r1")
    expect(detail.locator(".log-text").last).to_contain_text("CUDA error: out of memory")
    screenshot(page, "why")


def test_the_timeline_grows_by_itself_and_has_older_pages(visit, gateway):
    for place in range(130):
        gateway.crash((*RUN, "tensorboard"), f"crash {place}")
    page = visit("/#timeline")
    expect(page.locator(".event")).to_have_count(100)
    expect(page.locator(".event .remark").first).to_contain_text("crash 129")
    gateway.crash((*RUN, "monitor"), "a new one")
    expect(page.locator(".event .remark").first).to_contain_text("a new one")
    page.get_by_role("button", name="Older events").click()
    expect(page.locator(".event")).to_have_count(131)
    page.locator(".event a").first.click()
    expect(page.locator("#detail h2")).to_have_text("monitor")


def test_a_service_is_started_from_a_template(visit, gateway, screenshot):
    page = visit()
    page.locator("#create").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Template").select_option(label="tensorboard")
    dialog.get_by_label("Name").fill("charts")
    dialog.get_by_role("button", name="Start").click()
    expect(dialog.get_by_text("It is required.")).to_be_visible()
    expect(dialog.get_by_label("logdir (required)")).to_be_focused()
    screenshot(page, "new-service")
    dialog.get_by_label("logdir (required)").fill("runs")
    dialog.get_by_label("reload_interval").fill("30")
    dialog.get_by_role("button", name="Start").click()
    expect(page.locator("#detail h2")).to_have_text("charts")
    expect(row(page, "charts").locator(".word")).to_have_text("Running")
    added = next(call[1] for call in gateway.calls if call[0] == "service.add")
    assert added["definition"] == {"run": {"kind": "template", "template": "tensorboard", "parameters": {"logdir": "runs", "reload_interval": 30}}}
    assert (added["workspace"], added["experiment"], added["run"], added["id"]) == (*RUN, "charts")


def test_a_template_can_start_in_a_folder_without_an_experiment(visit, gateway):
    page = visit()
    expect(page.locator("#line-text")).to_have_text("Live")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Belongs to").select_option("folder")
    dialog.get_by_label("Folder", exact=True).fill("relative")
    dialog.get_by_role("button", name="Start").click()
    expect(dialog.get_by_text("it is not an absolute path")).to_be_visible()
    dialog.get_by_label("Folder", exact=True).fill("/home/ada/notes/")
    dialog.get_by_role("button", name="Start").click()
    expect(page.locator("#detail h2")).to_have_text("jupyterlab")
    assert ("experiment.open", {"workspace": "/home/ada/notes", "experiment": "notes", "run": "default"}) in gateway.calls


def test_nothing_says_what_to_do(visit, gateway, screenshot):
    gateway.services.clear()
    gateway.runs.clear()
    page = visit()
    expect(page.locator("#empty")).to_contain_text("xpmctl start tensorboard")
    screenshot(page, "empty")
    page.locator("#empty").get_by_role("button", name="New service").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_search_and_states_narrow_the_list(visit, gateway):
    page = visit()
    expect(page.locator(".row.service")).to_have_count(4)
    page.fill("#search", "wandb")
    expect(page.locator(".row.service .name")).to_have_text(["monitor", "wandb"])
    page.fill("#search", "nothing like that")
    expect(page.locator("#empty")).to_contain_text("No service matches")
    page.get_by_role("button", name="Show all services").click()
    page.locator("#filters").get_by_role("button", name="Stopped").click()
    expect(page.locator(".row.service .name")).to_have_text(["optuna"])


def test_what_is_shown_is_in_the_address(visit, gateway):
    page = visit()
    row(page, "tensorboard").locator(".names").click()
    page.locator("#tab-logs").click()
    page.reload()
    expect(page.locator("#detail h2")).to_have_text("tensorboard")
    expect(page.locator("#tab-logs")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.locator("#tab-overview")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.locator("#detail")).to_be_hidden()


def test_path_mode_says_what_it_gives_up(visit, gateway):
    gateway.path_mode = True
    page = visit()
    page.get_by_role("button", name="Path mode").click()
    expect(page.get_by_role("dialog").locator(".notice")).to_contain_text("Open only services that you trust")


def test_it_works_below_a_prefix(visit, gateway):
    page = visit("/user/ada/proxy/")
    seen = []
    page.on("request", lambda request: seen.append(request.url))
    row(page, "optuna").get_by_role("button", name="Start optuna").click()
    expect(row(page, "optuna").locator(".word")).to_have_text("Running")
    row(page, "optuna").locator(".names").click()
    expect(page.locator(".facts dd").first).to_be_visible()
    assert seen and all("/user/ada/proxy/" in url for url in seen), seen


def test_signing_out_ends_it_and_says_how_to_come_back(visit, gateway):
    page = visit()
    expect(page.locator("#line-text")).to_have_text("Live")
    gateway.signed_in = False
    row(page, "optuna").get_by_role("button", name="Start optuna").click()
    expect(row(page, "optuna").locator(".remark")).to_contain_text("run `xpmctl web` and open its link")
    gateway.restart()
    expect(page.locator("#banner")).to_contain_text("You are signed out")
    gateway.signed_in = True
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#line-text")).to_have_text("Live")
    page.get_by_role("button", name="Sign out").click()
    eventually(lambda: not gateway.signed_in, page)
