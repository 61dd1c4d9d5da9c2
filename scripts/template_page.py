#!/usr/bin/env python3
"""Writes docs/templates.md from the shipped templates. test-papers.py says when it is not up to date."""

import re
import shlex
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/templates.md"

INTRODUCTION = """\
<!-- Written by `make docs` from share/xpmd/templates: edit those. -->

# Templates

Each of these starts a tool with one command, on a port that it keeps, restarts it after crashes and stops all its processes. The tool itself must be in
your `PATH`, as in an activated environment. `xpmctl templates` lists yours as well; README's
[Templates](../README.md#templates) says how to write one.

Arguments after `--` are added to the tool's command. Options such as `--port`, `--restart` or `--idle 2h` set the rest: see `xpmctl start --help`.
"""


def sentence(text):
    return text[:1].upper() + text[1:]


def span(seconds):
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g} s"


def example(name, parameters):
    """The shortest command that works."""
    words = ["xpmctl", "start", name]
    for parameter, about in parameters.items():
        if about.get("required"):
            words += [f"--{parameter}", EXAMPLES.get((name, parameter), parameter.upper())]
    return shlex.join(words)


EXAMPLES = {
    ("tensorboard", "logdir"): "runs", ("streamlit", "script"): "app.py", ("gradio", "script"): "app.py",
    ("optuna-dashboard", "storage"): "sqlite:///study.db",
}


def parameter_rows(parameters):
    rows = ["| parameter | value | default | |", "| --- | --- | --- | --- |"]
    for name, about in parameters.items():
        default = about.get("default")
        shown = "required" if about.get("required") else "" if default is None else f"`{str(default).lower() if default in (True, False) else default}`"
        rows.append(f"| `--{name}` | {about.get('type', 'string')} | {shown} | {sentence(about.get('description', ''))} |")
    return rows


def page_facts(template):
    """How its page is reached."""
    web = template.get("web", {})
    url = re.sub(r"\{token\}", "TOKEN", template.get("url", "")).replace("{port}", "PORT").replace("{prefix}", "/services/ID")
    yield "Address", f"`{url}`" if url else "printed by the tool"
    yield "Behind the web page", {
        "keep": "its links have the prefix `/services/ID`",
        "strip": "it is asked without the prefix, which is added to its redirects",
        "none": "it knows no prefix: its page is at the root of its origin, and in path mode it does not work",
    }[web.get("prefix", "keep")]
    hosts = {
        ("keep", "keep"): "it gets the browser's Host and Origin",
        ("backend", "backend"): "it accepts local names only, so that it gets its own address as Host and Origin",
    }
    yield "Host", hosts[web.get("host", "keep"), web.get("origin", "keep")]
    if "{token}" in str(template):
        yield "Access", "by a token that is made once and kept; the link has it"


def run_facts(template):
    readiness, health, stop = (template.get(key, {}) for key in ("readiness", "health", "stop"))
    path = readiness.get("http", {}).get("path")
    what = f"`{path.replace('{prefix}', '/services/ID')}` answers" if path else "its page answers" if "http" in readiness else "its port accepts connections"
    yield "Ready", f"when {what}, within {span(readiness['timeout_s'])}"
    if health:
        yield "Health", f"asked every {span(health.get('interval_s', 30))}; a failure is only reported"
    yield "Stop", f"SIGTERM, and SIGKILL after {span(stop['grace_s'])}"
    yield "Sleep", sleep(template.get("idle", {}))


def sleep(idle):
    probe = idle.get("probe", {})
    text = f"after {span(idle['after_s'])} without traffic" if "after_s" in idle else "never; `--idle 2h` has it stop after two hours without traffic"
    if "http" in probe:
        path = probe["http"]["path"].split("?")[0].replace("{prefix}", "")
        text += f", unless `{probe['http']['field']}` of its `{path}` says that it is busy"
    return text + ". Opening its page wakes it"


def section(name, path):
    source = path.read_text(encoding="utf-8")
    template = tomllib.loads(source)
    tried = source.splitlines()[0].removeprefix("# ")
    parameters = template.get("parameters", {})
    lines = [f"## {name}", "", f"{template['description']}.", tried, "", "```sh", example(name, parameters), "```", ""]
    if parameters:
        lines += [*parameter_rows(parameters), ""]
    lines += [f"- {key}: {value}." for key, value in (*page_facts(template), *run_facts(template))]
    return "\n".join(lines) + "\n"


def page():
    templates = sorted((ROOT / "share/xpmd/templates").glob("*.toml"))
    return "\n".join([INTRODUCTION, *(section(path.stem, path) for path in templates)])


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
