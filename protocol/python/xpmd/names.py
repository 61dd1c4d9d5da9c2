"""Names of experiments, runs and services, and the folders of workspaces."""

from __future__ import annotations

import os
from unicodedata import category

from .environments import as_utf8, is_text
from .errors import XPMError

# The most bytes of UTF-8 in one name.
LIMIT = 128
# Format characters include the bidirectional overrides that make one name look like another.
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})


def validate(name: str, thing: str) -> str:
    """The name itself, or ``invalid_name`` that says why it cannot be that of ``thing``."""
    if fault := _fault(name):
        raise XPMError("invalid_name", f"cannot use {quoted(name)} as the name of {thing}: {fault}", {"name": name})
    return name


def quoted(name: str) -> str:
    """The name in quotes, safe to print."""
    shown = "".join(f"\\u{{{ord(c):x}}}" if category(c) in _INVISIBLE | {"Cs"} else c for c in name[:LIMIT])
    return f"'{shown}{'…' if len(name) > LIMIT else ''}'"


def workspace(folder: str | os.PathLike[str]) -> str:
    """An absolute path without ``.``, ``..``, doubled or trailing slashes; ``invalid_parameters`` for a relative one.

    Symbolic links are left alone.
    """
    path = as_utf8(os.fsdecode(folder))
    if not path.startswith("/") or "\0" in path:
        raise XPMError("invalid_parameters", f"cannot use {quoted(path)} as a workspace: it is not an absolute path")
    if not is_text(path):
        raise XPMError("invalid_parameters", f"cannot use {path!a} as a workspace: it is not UTF-8")
    kept: list[str] = []
    for component in path.split("/"):
        if component == "..":
            del kept[-1:]
        elif component not in ("", "."):
            kept.append(component)
    return "/" + "/".join(kept)


def _fault(name: str) -> str | None:
    if not name:
        return "it is empty"
    if len(name.encode("utf-8", "surrogatepass")) > LIMIT:
        return f"it has more than {LIMIT} bytes"
    if name in (".", ".."):
        return "it is a folder's name"
    for character in name:
        if category(character) in _INVISIBLE:
            return f"it has the control character U+{ord(character):X}"
        if category(character) == "Cs":
            return "it is no text: it has a lone surrogate"
    for separator in "/@:":
        if separator in name:
            return f"it has a '{separator}', which separates the parts of a full name"
    if name[0].isspace() or name[-1].isspace():
        return "it begins or ends with white space"
    return None
