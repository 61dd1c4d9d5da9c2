#!/usr/bin/env python3
"""What the papers say of exit codes, environment, templates and make targets is what the sources say."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Not of the error table: success, a command line that cannot be read, Ctrl-C.
OWN_EXIT_CODES = {0, 64, 130}


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def error_table():
    """Wire names of errors by exit code, as ErrorCode.swift has them."""
    source = text("Sources/XPMProtocol/Errors/ErrorCode.swift")
    names = {}
    for case, raw in re.findall(r"^    case (\w+)(?: = \"(\w+)\")?$", source, re.MULTILINE):
        names[case] = raw or case
    table = {}
    body = source[source.index("var exitCode"):]
    for cases, code in re.findall(r"case ([^:]+):\s*(\d+)", body):
        table.setdefault(int(code), set()).update(names[case] for case in re.findall(r"\.(\w+)", cases))
    return table


def readme_exit_codes():
    section = text("README.md").split("## Exit codes\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \|[^|]*\|([^|]*)\|$", section, re.MULTILINE)
    return {int(code): set(re.findall(r"`(\w+)`", names)) for code, names in rows}


def manual_exit_codes():
    section = text("man/xpmctl.1.in").split(".SH EXIT STATUS\n")[1].split("@ENVIRONMENT@")[0]
    return set(map(int, re.findall(r"^\.TP\n\.B (\d+)$", section, re.MULTILINE)))


def variables_of_sources():
    found = set()
    for path in (ROOT / "Sources").rglob("*.swift"):
        found.update(re.findall(r"\"(XPMD_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    return found


def claims():
    errors = error_table()
    documented = readme_exit_codes()
    yield "README has a row for each exit code", set(errors) | OWN_EXIT_CODES, set(documented)
    for code in sorted(errors):
        if code != 1:
            yield f"README names the errors of exit code {code}", errors[code], documented.get(code, set())
    yield "xpmctl(1) has each exit code", set(errors) | OWN_EXIT_CODES, manual_exit_codes()

    variables = variables_of_sources()
    for paper in ("README.md", "man/places.in"):
        yield f"{paper} knows every XPMD_ variable", set(), variables - set(re.findall(r"XPMD_[A-Z_]+", text(paper)))

    templates = {path.stem for path in (ROOT / "share/xpmd/templates").glob("*.toml")}
    yield "README names every shipped template", set(), {name for name in templates if f"`{name}`" not in text("README.md")}

    targets = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))
    used = set(re.findall(r"`(?:sudo )?make ([a-z-]+)", text("README.md") + text("CONTRIBUTING.md")))
    yield "README and CONTRIBUTING name only targets that exist", set(), used - targets

    yield "the change log's version is the programs'", {re.search(r"^## ([0-9.]+)", text("CHANGELOG.md"), re.M)[1]}, set(
        re.findall(r"product = \"([^\"]+)\"", text("Sources/XPMProtocol/ProtocolVersion.swift")))


def main():
    held = failed = 0
    for claim, expected, found in claims():
        if expected == found:
            held += 1
            print(f"  {claim}")
        else:
            failed += 1
            print(f"FAILED: {claim}: missing {sorted(expected - found)}, too much {sorted(found - expected)}", file=sys.stderr)
    if failed:
        sys.exit(1)
    print(f"test-papers.py: {held} claims held")


if __name__ == "__main__":
    main()
