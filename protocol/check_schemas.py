"""Checks that schemas, golden vectors and the canonical writing form agree.

    python3 protocol/check_schemas.py                  check everything, exit 1 at a fault
    python3 protocol/check_schemas.py --write-frames   first write the frame of each new vector, from its `json`

Needs the PyPI package jsonschema (4.18 or later) and nothing else.
"""

import copy
import json
import pathlib
import struct
import sys
import unicodedata

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

HERE = pathlib.Path(__file__).parent
LIMITS = {"request": 1 << 20, "response": 16 << 20, "error": 16 << 20, "event": 16 << 20, "host_request": 16 << 20}


def canonical(value):
    """The one form in which values are written: see README, Writing."""
    return json.dumps(whole(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def whole(value):
    if isinstance(value, float) and value.is_integer() and -(2**63) <= value < 2**63:
        return int(value)
    if isinstance(value, list):
        return [whole(element) for element in value]
    if isinstance(value, dict):
        return {name: whole(member) for name, member in value.items()}
    return value


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


def without_unknown_fields(schema):
    """A copy that refuses fields which the schema does not name. Readers ignore them; in a vector they are misspelt."""
    schema = copy.deepcopy(schema)

    def close(node):
        if isinstance(node, dict):
            for member in node.values():
                close(member)
            if "properties" in node and "type" in node:
                node.setdefault("additionalProperties", False)
        elif isinstance(node, list):
            for element in node:
                close(element)

    close(schema)
    return schema


class Schemas:
    def __init__(self, documents):
        self.registry = Registry().with_resources((d["$id"], Resource.from_contents(d)) for d in documents.values())
        self.documents = documents

    def faults(self, name, definition, value):
        base = self.documents[name]["$id"]
        reference = base + (f"#/$defs/{definition}" if definition else "")
        validator = Draft202012Validator({"$ref": reference}, registry=self.registry)
        return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(value)]


def vector_faults(vector, schemas):
    kind, value, sent = vector["is"], vector["json"], bytes.fromhex(vector["frame_hex"])
    payload = sent[4:]
    if frame(payload) != sent:
        yield "the length does not match the payload"
    if len(payload) > LIMITS[kind]:
        yield "the payload is over the limit"
    if json.loads(payload) != value:
        yield "the frame does not hold `json`"
    if "as_written" in vector:
        if payload == canonical(value):
            yield "the frame is in the canonical form: leave `as_written` out"
    elif "canonical" not in vector and payload != canonical(value):
        yield "the frame is not in the canonical form, and no `canonical` is given"
    if "canonical" in vector and payload == canonical(vector["canonical"]):
        yield "the frame is what `canonical` is written as: leave `canonical` out"
    for value in [vector[key] for key in ("json", "canonical") if key in vector]:
        yield from schemas.faults("envelope.json", kind, value)
        if kind == "request":
            yield from schemas.faults(f"{vector['method']}.json", "params", value.get("params", {}))
            if value["method"] != vector["method"]:
                yield "`method` is not that of the request"
        elif kind == "host_request":
            if value["method"] != vector["method"]:
                yield "`method` is not that of the request"
        elif kind == "response":
            yield from schemas.faults(f"{vector['method']}.json", "result", value["result"])


def write_frames(path):
    group = json.loads(path.read_text())
    new = [vector for vector in group["vectors"] if "json" in vector and not vector.get("frame_hex")]
    for vector in new:
        vector["frame_hex"] = frame(canonical(vector["json"])).hex()
    if new:
        text = json.dumps(group, indent=1, ensure_ascii=False)
        path.write_text("".join(map(visible, text)) + "\n")


def visible(character):
    """Characters that an editor would not show are written as escapes."""
    shown = character in "\n " or not unicodedata.category(character)[0] in "CZM" or ord(character) > 0xFFFF
    return character if shown else f"\\u{ord(character):04x}"


def main():
    vector_files = sorted((HERE / "vectors").glob("*.json"))
    if "--write-frames" in sys.argv[1:]:
        for path in vector_files:
            write_frames(path)
    documents = {path.name: json.loads(path.read_text()) for path in sorted((HERE / "schema").glob("*.json"))}
    for document in documents.values():
        Draft202012Validator.check_schema(document)
    tolerant = Schemas(documents)
    exact = Schemas({name: without_unknown_fields(document) for name, document in documents.items()})
    count, faults = 0, []
    for path in vector_files:
        for vector in json.loads(path.read_text())["vectors"]:
            if "is" not in vector:
                continue
            count += 1
            schemas = tolerant if "unknown" in vector["name"] or "later" in vector["name"] else exact
            faults += [f"{path.name}: {vector['name']}: {fault}" for fault in vector_faults(vector, schemas)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(documents)} schemas, {count} vectors, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
