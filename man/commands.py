#!/usr/bin/env python3
"""commands.py TEMPLATE < DUMP

Writes a manual page: TEMPLATE with @COMMANDS@, @GROUPED_OPTIONS@, @COMMON_OPTIONS@ and @EXIT_STATUS@ replaced by what
`xpmctl --experimental-dump-help` says, so that the page has every command and option that the program has, in its
words. Options that the help shows below titles of their own are described once for all commands that have them.
"""

import itertools
import json
import re
import sys
import textwrap


def escaped(text):
    """Text as roff prints it unchanged; a leading dot or quote would be taken for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)


def prose(text):
    """Paragraphs; indented lines are examples and stay as they are."""
    for paragraph in filter(str.strip, re.split(r"\n\s*\n", text)):
        lines = [line for line in paragraph.splitlines() if line.strip()]
        for indented, run in itertools.groupby(lines, key=lambda line: line.startswith(" ")):
            if indented:
                run = textwrap.dedent("\n".join(run)).splitlines()
                yield from (".PP", ".nf", ".RS 4", *map(escaped, run), ".RE", ".fi")
            else:
                yield from (".PP", *map(escaped, run))


def shown(entries):
    return [entry for entry in entries if entry.get("shouldDisplay", True)]


def spelled(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def heading(argument):
    """`-n, --lines <lines>` of an option, `<name>...` of an argument."""
    value = "\\fI" + escaped(argument.get("valueName", "value")) + "\\fR"
    if argument["kind"] == "positional":
        return value + ("..." if argument["isRepeating"] else "")
    names = ", ".join("\\fB" + escaped(name) + "\\fR" for name in sorted(map(spelled, argument["names"]), key=len))
    return names if argument["kind"] == "flag" else f"{names} {value}"


def synopsis(path, arguments):
    words = ["\\fB" + escaped(path) + "\\fR"]
    if any(argument["kind"] != "positional" for argument in arguments):
        words.append("[\\fIoptions\\fR]")
    for argument in arguments:
        if argument["kind"] == "positional":
            if argument["parsingStrategy"] == "postTerminator":
                words.append(escaped("--"))
            words.append(f"[{heading(argument)}]" if argument["isOptional"] else heading(argument))
    return " ".join(words)


def described(argument):
    yield from (".TP", heading(argument))
    yield escaped(argument.get("abstract") or argument.get("discussion") or "")
    if argument.get("abstract") and argument.get("discussion"):
        yield escaped(argument["discussion"])
    if values := argument.get("allValues"):
        yield escaped("One of " + ", ".join(values) + ".")
    if default := argument.get("defaultValue"):
        yield escaped(f"(default: {default})")


def leaves(command, path):
    children = [child for child in shown(command.get("subcommands", [])) if child["commandName"] != "help"]
    if not children:
        yield path, command
    for child in children:
        yield from leaves(child, f"{path} {child['commandName']}")


def key(argument):
    return json.dumps(argument, sort_keys=True)


def grouped(commands):
    """The options below each title, and the commands that have them."""
    groups = {}
    for path, _, arguments in commands:
        for argument in arguments:
            if title := argument.get("sectionTitle"):
                options, paths = groups.setdefault(title, ({}, {}))
                options[key(argument)] = argument
                paths[path] = None
    for title, (options, paths) in groups.items():
        names = " and ".join(f"\\fB{escaped(path)}\\fR" for path in paths)
        yield from (".SS " + escaped(title), ".PP", f"Of {names}.")
        for argument in options.values():
            yield from described(argument)


def exit_status(root):
    """The exit codes, as the help lists them at its end."""
    table = root["discussion"].split("EXIT CODES\n")[1]
    for code, meaning in re.findall(r"^\s*(\d+)\s+(\S.*)$", table, re.MULTILINE):
        yield from (".TP", f".B {code}", escaped(meaning[0].upper() + meaning[1:]) + ".")


def main():
    root = json.load(sys.stdin)["command"]
    commands = [(path, command, shown(command.get("arguments", []))) for path, command in leaves(root, root["commandName"])]
    options = [{key(argument) for argument in arguments if argument["kind"] != "positional"} for _, _, arguments in commands]
    common = set.intersection(*options)

    lines = []
    for path, command, arguments in commands:
        own = [argument for argument in arguments if key(argument) not in common]
        own = [argument for argument in own if not argument.get("sectionTitle")]
        lines += [f".SS {escaped(path)}", synopsis(path, own)]
        lines += [".PP", escaped(command.get("abstract", ""))]
        lines += prose(command.get("discussion", ""))
        if aliases := command.get("aliases"):
            lines += [".PP", escaped("Also: " + ", ".join(aliases) + ".")]
        for argument in own:
            lines += described(argument)
        if any(argument.get("sectionTitle") for argument in arguments):
            lines += [".PP", "More of its options stand under OPTIONS OF A SERVICE."]
    shared = [line for argument in commands[0][2] if key(argument) in common for line in described(argument)]

    page = open(sys.argv[1], encoding="utf-8").read()
    page = page.replace("@COMMANDS@\n", "".join(line + "\n" for line in lines))
    page = page.replace("@GROUPED_OPTIONS@\n", "".join(line + "\n" for line in grouped(commands)))
    page = page.replace("@EXIT_STATUS@\n", "".join(line + "\n" for line in exit_status(root)))
    page = page.replace("@COMMON_OPTIONS@\n", "".join(line + "\n" for line in shared))
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
