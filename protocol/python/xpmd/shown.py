"""What objects say of themselves in a terminal and in a notebook: short, and nothing that is secret."""

from __future__ import annotations

import re

_SECRET = re.compile(r"token|secret|password|passwd|passphrase|credential|signature|auth|key|sig|pwd|pass", re.IGNORECASE)
# As in the URL of a page that a cause may name.
_IN_TEXT = re.compile(rf"([?&#][^=\s&#]*(?:{_SECRET.pattern})[^=\s&#]*=)[^\s&#]+", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST = 200


def text(name: str, state: object = None, url: str | None = None, cause: str | None = None, kind: str = "") -> str:
    """One line: `<Service exp@run:board RUNNING http://127.0.0.1:6006/>`."""
    parts = [kind, name, _word(state), public(url) if url else "", f"({cause})" if cause else ""]
    return f"<{' '.join(_plain(part) for part in parts if part)}>"


def html(name: str, state: object = None, url: str | None = None, cause: str | None = None) -> str:
    """The same for a notebook, with a link."""
    parts = [f"<b>{_escape(_plain(name))}</b>", _escape(_word(state))]
    if url:
        parts.append(link(url))
    if cause:
        parts.append(f"<i>{_escape(_plain(cause))}</i>")
    return f"<div>{' '.join(part for part in parts if part)}</div>"


def link(url: str) -> str:
    """A link, where the address is one of a page; else its text."""
    shown = _escape(public(url))
    if not re.match("https?://", str(url), re.IGNORECASE):
        return shown
    return f'<a href="{shown}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def public(url: str) -> str:
    """An address without user, password, and parameters that may be secret: what is shown is saved in notebooks and logs."""
    from urllib.parse import SplitResult, urlsplit, urlunsplit

    url = _plain(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    query = "&".join(one for one in parts.query.split("&") if one and not _SECRET.search(one.partition("=")[0]))
    fragment = "" if "=" in parts.fragment and _SECRET.search(parts.fragment) else parts.fragment
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(SplitResult(parts.scheme, host, parts.path, query, fragment))


def _word(state: object) -> str:
    return str(getattr(state, "value", "" if state is None else state))


def _plain(shown: object) -> str:
    """Without what a terminal would obey, and no longer than anybody reads."""
    shown = _IN_TEXT.sub(r"\1…", _CONTROL.sub(" ", str(shown)))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _escape(shown: str) -> str:
    from html import escape

    return escape(shown)
