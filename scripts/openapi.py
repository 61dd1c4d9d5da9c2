#!/usr/bin/env python3
"""Makes the OpenAPI document of the HTTP API from protocol/schema, as a Swift file that xpm-web serves it from.

    scripts/openapi.py           write the file
    scripts/openapi.py --check   exit 1 if it is not what would be written
    scripts/openapi.py --print   print the document itself
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "protocol/schema"
FILE = ROOT / "Sources/XPMWeb/API/OpenAPI/OpenAPIDocument.swift"
HEAD = """// Made by scripts/openapi.py from protocol/schema; not to be edited.
// swift-format-ignore-file

/// What `GET /api/v1/openapi.json` answers.
enum OpenAPIDocument {
    static let text: StaticString = #\"\"\"
"""
TAIL = '\n"""#\n}\n'


def verbs():
    """The methods that are routes, with their scopes, as Verb.swift has them."""
    names = {}
    for file in (ROOT / "Sources/XPMProtocol/Methods").glob("*.swift"):
        for kind, name in re.findall(r"struct (\w+): Method \{\s+public static let name = \"([\w.]+)\"", file.read_text()):
            names[kind] = name
    table = (ROOT / "Sources/XPMWeb/API/Verb.swift").read_text()
    found = re.findall(r"Verb\((\w+)\.self, \.(\w+)[,)]", table)
    return {names[kind]: scope for kind, scope in found}


def local(value):
    """A schema whose references lead into the document itself."""
    if isinstance(value, list):
        return [local(element) for element in value]
    if not isinstance(value, dict):
        return value
    made = {name: local(member) for name, member in value.items() if name not in ("$schema", "$id")}
    if isinstance(made.get("$ref"), str):
        file, _, place = made["$ref"].partition("#")
        name = place.removeprefix("/$defs/") if place else file.removesuffix(".json")
        made["$ref"] = f"#/components/schemas/{name}"
    return made


def read(name):
    return json.loads((SCHEMA / f"{name}.json").read_text())


def answer(description, schema, kind="application/json"):
    return {"description": description, "content": {kind: {"schema": schema}}}


REFUSED = {"default": {"$ref": "#/components/responses/refused"}}


def operation(name, scope):
    schema = read(name)
    params = local(schema["$defs"]["params"])
    return {
        "operationId": name,
        "tags": [name.partition(".")[0]],
        "summary": schema.get("description", schema["title"]),
        "x-xpm-scope": scope,
        "parameters": [{"$ref": "#/components/parameters/request"}],
        "requestBody": {
            "required": bool(params.get("required")),
            "content": {"application/json": {"schema": params}},
        },
        "responses": {"200": answer("The result.", local(schema["$defs"]["result"]))} | REFUSED,
    }


def query(name, description, schema):
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def page(name, summary, ok, parameters=()):
    return {
        "operationId": name,
        "tags": ["web"],
        "summary": summary,
        "x-xpm-scope": "read",
        "parameters": list(parameters),
        "responses": {"200": ok} | REFUSED,
    }


TEXT = {"type": "string"}
LAST_ID = {
    "name": "Last-Event-ID", "in": "header", "required": False, "schema": TEXT,
    "description": "The id of the last event that was seen: the stream goes on from there.",
}
USAGE = {
    "type": "object",
    "required": ["at", "services"],
    "properties": {
        "at": {"$ref": "#/components/schemas/timestamp"},
        "services": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["workspace", "experiment", "run", "id", "place"],
                "properties": {
                    "workspace": TEXT, "experiment": TEXT, "run": TEXT, "id": TEXT,
                    "place": {"type": "integer", "description": "The `place` of its record in `live`."},
                    "memory_bytes": {"type": "integer"},
                    "cpu_s": {"type": "number", "description": "Processor time since the attempt began."},
                    "cpu_percent": {"type": "number", "description": "Of one processor, since the measurement before."},
                    "processes": {"type": "integer"},
                },
            },
        },
    },
}
SESSION = {
    "type": "object",
    "required": ["user", "version", "port", "path_mode"],
    "properties": {
        "user": TEXT, "version": TEXT, "port": {"type": "integer"},
        "path_mode": {"type": "boolean", "description": "Whether services are served below the dashboard's own address."},
    },
}


def pages():
    return {
        "/api/v1/session": page("session", "Whom xpm-web serves, and where.", answer("The session.", SESSION)),
        "/api/v1/live": page(
            "live",
            "Everything there is, and then what changes, as server-sent events.",
            answer("Events `snapshot`, `change` and `usage`, each with a JSON object.", TEXT, "text/event-stream"),
            [
                query("usage", "Whether to measure memory and processor time, too.", {"enum": ["0", "1", "false", "true"]}),
                query("last", "The same as Last-Event-ID.", TEXT),
                LAST_ID,
            ],
        ),
        "/api/v1/events": page(
            "events",
            "The log of events from a number on, as server-sent events.",
            answer("An event for each entry, with its number as id and the entry as JSON.", TEXT, "text/event-stream"),
            [
                query("since", "The number of the last event that was seen; 0 for all (default: new events only).",
                      {"type": "integer", "minimum": 0}),
                query("service", "Only events of services that this names.", TEXT),
                LAST_ID,
            ],
        ),
        "/api/v1/usage": page("usage", "What running services use now.", answer("A measurement.", USAGE)),
        "/api/v1/openapi.json": page("openapi", "This document.", answer("The document.", {"type": "object"})),
        "/metrics": page("metrics", "Numbers for Prometheus.", answer("Prometheus' text format.", TEXT, "text/plain")),
    }


def document():
    version = re.search(r'product = "([^"]+)"', (ROOT / "Sources/XPMProtocol/ProtocolVersion.swift").read_text())
    schemas = local(read("types")["$defs"]) | {"event": local(read("event"))}
    refusal = {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "data", "message"],
                "properties": {
                    "code": {"type": "string", "description": "The name of the error, by which programs decide."},
                    "message": {"type": "string", "description": "A sentence for people."},
                    "data": {"type": "object", "description": "Details."},
                },
            }
        },
    }
    paths = {path: {"get": operation} for path, operation in pages().items()}
    paths |= {f"/api/v1/{name}": {"post": operation(name, scope)} for name, scope in sorted(verbs().items())}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "xpm-web",
            "version": version[1],
            "description": "The methods of xpmd's protocol as JSON over HTTP, and streams of what happens.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Made by `xpmctl web token add`."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-xpm-8470", "description": "Of a browser that is signed in; the name ends with the port."},
            },
            "parameters": {
                "request": {
                    "name": "X-XPM-Request", "in": "header", "required": False, "schema": {"const": "1"},
                    "description": "Needed with a session, so that no other page can send the request; not with a token.",
                }
            },
            "responses": {"refused": answer("The request was refused.", {"$ref": "#/components/schemas/refusal"})},
            "schemas": schemas | {"refusal": refusal},
        },
    }


def written(value, levels):
    """JSON with a line for each member of the outer levels: what changes is seen, and the file stays short."""
    if levels == 0 or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    members = (f"{json.dumps(name)}:{written(member, levels - 1)}" for name, member in value.items())
    return "{\n" + ",\n".join(members) + "}"


def main():
    text = written(document(), 3)
    if "--print" in sys.argv:
        print(text)
    elif "--check" in sys.argv:
        if FILE.read_text() != HEAD + text + TAIL:
            sys.exit(f"{FILE.relative_to(ROOT)} is not what protocol/schema says: run scripts/openapi.py")
    else:
        FILE.write_text(HEAD + text + TAIL)


if __name__ == "__main__":
    main()
