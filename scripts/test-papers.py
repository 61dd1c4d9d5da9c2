#!/usr/bin/env python3
"""What the papers say of exit codes, environment, templates and make targets is what the sources say."""

import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import template_page  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
# Not of the error table: success, no URL, faults of a page, a command line that cannot be read, Ctrl-C.
OWN_EXIT_CODES = {0, 11, 12, 64, 130}


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


def exit_codes():
    """What each exit code means, as xpmctl's help says it; the manual page is made from that."""
    source = text("Sources/XPMCommands/ExitCodes.swift")
    codes = {}
    own = {name: int(number) for name, number in re.findall(r"static let (\w+): Int32 = (\d+)", source)}
    for name, number, meaning in re.findall(r"\((?:ErrorCode\.(\w+)\.exitCode|(\w+)), \"([^\"]+)\"\)", source):
        codes[exit_code_of(name) if name else own.get(number) or int(number)] = meaning
    return codes


def exit_code_of(case):
    source = text("Sources/XPMProtocol/Errors/ErrorCode.swift")
    cases = re.findall(r"case ([^:]+):\s*(\d+)", source[source.index("var exitCode"):])
    return next(int(code) for names, code in cases if case in re.findall(r"\.(\w+)", names))


def readme_exit_codes():
    """Of README's table the meanings, and the names of errors."""
    section = text("README.md").split("## Exit codes\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| ([^|]*) \|([^|]*)\|$", section, re.MULTILINE)
    return {int(row[0]): row[1] for row in rows}, {int(row[0]): set(re.findall(r"`(\w+)`", row[2])) for row in rows}


def variables_of_sources():
    found = set()
    for path in (ROOT / "Sources").rglob("*.swift"):
        found.update(re.findall(r"\"(XPMD_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    return found


# Phrases that read as translated, as CONTRIBUTING's table of words has them.
STILTED = re.compile(
    r"where (it is )?not given|in vain|gave way|any of both|left alone now|leaves? (it |them |\S+ )?alone|counts anew|at last it\b|goes on starting"
    r"|\"Looking\"|The supervisor\"|(end|ends|ended|ending) with success|\blives? in\b|\bgo(es)? with it\b|\brestart limit\b|cannot take [^\"]* for\b"
    r"|\btells? of\b|\bis told\b|\bmade again\b|\bline ends\b|\bwhere (there|it) is (no|none|not)\b|\blong gone\b|\bsomebody\b|\banybody\b",
    re.IGNORECASE)


def stilted():
    """Where one of these phrases is in what users read: string literals of the sources, and whole papers."""
    papers = [ROOT / name for name in ("README.md", "protocol/README.md", "protocol/python/README.md", "protocol/python/EXPERIMAESTRO.md", "docs/templates.md")]
    papers += [*(ROOT / "man").glob("*.in"), *(ROOT / "share/xpmd/templates").glob("*.toml")]
    # Names of tests are claims in the code's own words.
    prose = {path: re.sub(r"`test_\w+`", "", text(path)) for path in papers}
    found = {f"{path.relative_to(ROOT)}: {match[0]}" for path in papers for match in STILTED.finditer(prose[path])}
    for path in (ROOT / "Sources").rglob("*.swift"):
        for line in text(path).splitlines():
            if not line.lstrip().startswith("//") and (match := STILTED.search(line)):
                found.add(f"{path.relative_to(ROOT)}: {match[0]}")
    return found


def claims():
    errors = error_table()
    meanings, documented = readme_exit_codes()
    yield "the help has each exit code", set(errors) | OWN_EXIT_CODES, set(exit_codes())
    yield "README says of each exit code what the help says", set(exit_codes().items()), set(meanings.items())
    for code in sorted(errors):
        if code != 1:
            yield f"README names the errors of exit code {code}", errors[code], documented.get(code, set())

    variables = variables_of_sources()
    for paper in ("README.md", "man/places.in"):
        yield f"{paper} knows every XPMD_ variable", set(), variables - set(re.findall(r"XPMD_[A-Z_]+", text(paper)))

    yield "nothing that users read has a phrase that CONTRIBUTING rules out", set(), stilted()

    templates = {path.stem for path in (ROOT / "share/xpmd/templates").glob("*.toml")}
    yield "README names every shipped template", set(), {name for name in templates if f"`{name}`" not in text("README.md")}

    yield "docs/templates.md is up to date (`make docs` writes it)", [template_page.page()], [text("docs/templates.md")]

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
            differences = f": missing {sorted(expected - found)}, too much {sorted(found - expected)}" if isinstance(expected, set) else ""
            print(f"FAILED: {claim}{differences}", file=sys.stderr)
    if failed:
        sys.exit(1)
    print(f"test-papers.py: {held} claims held")


if __name__ == "__main__":
    main()
