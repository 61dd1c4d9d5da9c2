"""How a program under test and its test take turns: the program says a line, and waits for one."""

import json
import sys


def say(**facts):
    print(json.dumps(facts, default=str), flush=True)


def wait():
    """Returns with what the test says; ends the program where the test has ended."""
    line = sys.stdin.readline()
    if not line:
        raise SystemExit("the test has ended")
    return line.strip()


def facts(service):
    """What the reference's surfaces show of a service."""
    return {
        "state": service.state.name,
        "url": getattr(service, "url", None),
        "error": service.error,
        "type": f"{type(service).__module__}.{type(service).__qualname__}",
    }
