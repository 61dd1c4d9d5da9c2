"""How a program under test and its test take turns: the program says lines of JSON, and does what it is asked."""

import json
import sys
import threading


def say(**facts):
    # One write, newline and all: services of this process write lines, too.
    sys.stdout.write(json.dumps(facts, default=str) + "\n")
    sys.stdout.flush()


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


def serve(names):
    """Evaluates the test's expressions until it says `end`; what they raise is said, too."""
    while (line := wait()) != "end":
        if line == "fail":
            raise RuntimeError("the experiment fails")
        try:
            say(result=eval(line, names))
        except Exception as error:
            say(raised=f"{type(error).__name__}: {error}")


class Recorder:
    """A listener: which states it was told of, and on which threads."""

    def __init__(self):
        self.changed = threading.Condition()
        self.states, self.threads = [], set()

    def service_state_changed(self, service):
        with self.changed:
            self.states.append(service.state.name)
            self.threads.add(threading.current_thread().name)
            self.changed.notify_all()

    def reached(self, service, state):
        """Returns once the service is in a state: events come in their own time."""
        service.add_listener(self)
        with self.changed:
            assert self.changed.wait_for(lambda: service.state.name == state, 60)
        return facts(service)

    def heard(self, state):
        """Returns once it was told of a state."""
        with self.changed:
            assert self.changed.wait_for(lambda: state in self.states, 60)
        return self.states
