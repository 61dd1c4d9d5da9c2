"""Values that protocol/schema allows, and values that it does not: for fuzz-socket.py.

What is made may be carried out: commands, hosts and signals are taken from lists of what harms nobody.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "protocol/schema"

# What there is by these keys, most of the time.
NAMES = {"experiment": ("e0", "e1"), "run": ("r",), "id": ("s0", "s1", "s2", "s3")}
# What stands for a text that the schema leaves open, by the key that it stands at.
COMMANDS = (["sleep", "1000"], ["true"], ["false"], ["sh", "-c", "echo ready at http://127.0.0.1:1/; exec sleep 1000"], ["/nonexistent"])
TEXTS = {
    "host": ("127.0.0.1", "localhost", "::1", ""),
    "url": ("http://127.0.0.1:1/", "https://127.0.0.1:1/x?y", "http://[::1]:1/", "javascript:alert(1)", "", "http://127.0.0.1:{port}/"),
    "pattern": ("ready", "at (?<url>http://\\S+)", "(a+)+$", "[" * 300, "(" * 300, "^.{1,1000}$", "\\", "(?:x|y){1000}"),
    "grep": ("ready", "(?i)line|x", "(a+)+$", "[" * 300, "^.{1,1000}$", "\\", ""),
    "python": ("/usr/bin/python3", "/nonexistent"),
    "template": ("tensorboard", "none"),
    "cursor": ("", "x", "e0@r:s0"),
    "signal": ("SIGTERM", "SIGINT", "SIGUSR1", "SIGNONE"),
}
PATHS = ("/", "/tmp", "/nonexistent", "/dev/null", "/proc/self", "/" + "x/" * 50)
MARKS = "\u0301\u0323"
HOSTILE_TEXTS = (
    "", "\0", "e\u0301", "\u202etxt", "\U0001f600" * 20, "../../x", "a/b/c", "@", ":", "x" * 129, "x" * 70_000, MARKS * 2000, "\u001b[31m", "\n",
    "NaN", "%s%n", "{port}", "{{", "'; --", "\ufeff", "\ud7ff\ue000")
HOSTILE_NUMBERS = (
    0, -1, 1, 1 << 31, 1 << 32, (1 << 63) - 1, -(1 << 63), 1 << 63, (1 << 64) - 1, 1 << 64, 1e308, -1e308, 5e-324, 0.1, 1e9, 1e18, -0.0)


class Marked:
    """JSON that Python would not write: it stands in the text as it is."""

    def __init__(self, text):
        self.text = text


def dumped(value):
    """A JSON text; an object may be a list of pairs under `Pairs`, so that a name may come twice."""
    if isinstance(value, Marked):
        return value.text
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{json.dumps(name)}:{dumped(member)}" for name, member in value.members) + "}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dumped(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumped, value)) + "]"
    return json.dumps(value)


class Pairs:
    def __init__(self, members):
        self.members = members


class Grammar:
    """Makes the parameters of methods by the schemas."""

    # Who sends these ends the test, and not xpmd.
    WITHOUT = {"daemon.stop", "daemon.reexec"}

    def __init__(self, random, workspace):
        self.random, self.workspace = random, workspace
        self.documents = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
        shared = {"envelope.json", "error.json", "event.json", "types.json"}
        self.methods = sorted(name[:-5] for name in self.documents if name not in shared and name[:-5] not in self.WITHOUT)

    def parameters(self, method):
        name = f"{method}.json"
        return self.value(self.documents[name]["$defs"]["params"], name, "params", 0)

    def one(self, choices):
        return self.random.choice(list(choices))

    def value(self, schema, document, key, depth):
        if schema is True or schema == {}:
            return self.anything(depth)
        if (reference := schema.get("$ref")) is not None:
            name, _, path = reference.partition("#")
            document = name or document
            target = self.documents[document]
            for step in filter(None, path.split("/")):
                target = target[step]
            kind = path.rsplit("/", 1)[-1]
            # What is named by its kind, and not by its place.
            if kind in ("serviceId", "absolutePath", "arguments", "timestamp") or kind == "name" and key not in NAMES:
                key = kind
            return self.value(target, document, key, depth)
        for several in ("anyOf", "oneOf"):
            if several in schema:
                branch = self.one(schema[several])
                base = {name: part for name, part in schema.items() if name not in (several, "if", "then", "else", "not")}
                made = self.value(branch, document, key, depth)
                if "properties" in base and isinstance(made, dict):
                    made = self.value(base, document, key, depth) | made
                return made
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.one(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else None)
        if isinstance(kind, list):
            kind = self.one(kind)
        return getattr(self, f"a_{kind}", self.a_thing)(schema, document, key, depth)

    def a_thing(self, _schema, _document, _key, depth):
        return self.anything(depth)

    def a_null(self, *_):
        return None

    def a_boolean(self, *_):
        return self.random.random() < 0.5

    def a_integer(self, schema, _document, key, _depth):
        least = schema.get("minimum", -1000)
        if key in ("timeout_s", "wait_s", "steady_s"):
            return 0
        return self.random.randint(least, min(schema.get("maximum", least + 5), least + 1000))

    def a_number(self, schema, _document, key, _depth):
        if key in ("timeout_s", "wait_s", "steady_s"):
            return self.one((0, 0.05))
        return self.one((0, 0.2, 1, 30, schema.get("maximum", 1e6)))

    def a_string(self, _schema, _document, key, _depth):
        if key in TEXTS:
            return self.one(TEXTS[key])
        if key in NAMES and self.random.random() < 0.95:
            return self.one(NAMES[key])
        if key in ("name", "serviceId", *NAMES):
            return self.one(("s0", "s1", "s2", "s3", "s0/part", "é", "n" * 128))
        if key == "absolutePath":
            return self.workspace if self.random.random() < 0.8 else self.one(PATHS)
        if key == "timestamp":
            return self.one(("2026-11-22T10:15:00.250Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999+14:00"))
        return self.one(("x", "a text", "e0@r:s1", "s2", "1G", "é" * 40))

    def a_array(self, schema, document, key, depth):
        if key in ("arguments", "command", "on_failure"):
            return list(self.one(COMMANDS))
        least = schema.get("minItems", 0)
        count = 0 if depth > 8 else self.random.randint(least, least + 2)
        return [self.value(schema.get("items", True), document, key, depth + 1) for _ in range(max(least, count))]

    def a_object(self, schema, document, _key, depth):
        required = set(schema.get("required", ()))
        made = {}
        for name, part in schema.get("properties", {}).items():
            if name in required or depth < 8 and self.random.random() < 0.3:
                made[name] = self.value(part, document, name, depth + 1)
        if (more := schema.get("additionalProperties")) not in (None, False) and self.random.random() < 0.3:
            made[self.one(("A", "b_c", "é"))] = self.value(more, document, "", depth + 1)
        return made

    def anything(self, depth):
        if depth > 6 or self.random.random() < 0.6:
            return self.one((None, True, 7, 0.5, "text", -1))
        return self.one(([self.anything(depth + 1)], {"k": self.anything(depth + 1), "__path__": "/x"}))

    # What the schema does not allow.

    def places(self, value, path=()):
        """Every place in a value, as the path to it."""
        yield path
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, member in members:
            yield from self.places(member, (*path, step))

    def hostile(self):
        return self.one((
            lambda: self.one(HOSTILE_TEXTS), lambda: self.one(HOSTILE_NUMBERS), lambda: None, lambda: [], lambda: {}, lambda: True,
            lambda: Marked("[" * 127 + "]" * 127), lambda: Marked("[" * 50_000), lambda: Marked('{"a":' * 100 + "1" + "}" * 100),
            lambda: Marked("1e999"), lambda: Marked("0" * 400), lambda: Marked("9" * 10_000), lambda: Marked("NaN"), lambda: Marked('"\\ud800"'),
            lambda: Marked("[" + "{}," * 20_000 + "0]"), lambda: {MARKS * 500: 1, MARKS[::-1] * 500: 2}, lambda: ["x"] * 5000,
            lambda: Pairs([("id", "s0"), ("id", "s1")]), lambda: Pairs([("\u00e9", 1), ("e\u0301", 2)])))()

    def mutated(self, parameters):
        """The parameters with one to three places changed."""
        for _ in range(self.random.randint(1, 3)):
            path = self.one(self.places(parameters))
            if not path:
                if self.random.random() < 0.1:
                    return self.hostile()
                continue
            target = parameters
            for step in path[:-1]:
                target = target[step]
            last, chance = path[-1], self.random.random()
            if chance < 0.15 and isinstance(target, dict):
                del target[last]
            elif chance < 0.25 and isinstance(target, dict):
                target[self.one(HOSTILE_TEXTS)] = target.pop(last)
            elif last in ("host", "url", "arguments", "command", "on_failure") or "arguments" in path or "command" in path:
                # No other text: it would be looked up, or run.
                target[last] = self.one((None, 1, [], {}, True, ""))
            else:
                target[last] = self.hostile()
        return parameters
