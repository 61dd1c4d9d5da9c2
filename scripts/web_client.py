"""What the tests of templates need of a browser: cookies for each host, redirects, the sign-in of xpm-web, and WebSockets."""

import base64
import hashlib
import http.client
import json
import os
import socket
import struct
from urllib.parse import parse_qs, urljoin, urlsplit

# How long anything may take: what hangs is a failure, whatever it waits for.
PATIENCE = 120
NAVIGATION = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": "text/html"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}


class Response:
    def __init__(self, url, response, body):
        self.url, self.status, self.body = url, response.status, body
        self.headers = response.headers

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


class Browser:
    """Every name below localhost is this machine, as in browsers."""

    def __init__(self):
        self.cookies = {}

    def request(self, url, method="GET", headers=None, body=None):
        """One request, no redirect followed."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=PATIENCE)
        fields = {"Host": parts.netloc, **(headers or {}), **self.cookie_field(parts.hostname)}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            fields.setdefault("Content-Type", "application/json")
        if method != "GET":
            fields.setdefault("Origin", f"http://{parts.netloc}")
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, fields)
        response = connection.getresponse()
        found = Response(url, response, response.read())
        connection.close()
        self.keep(parts.hostname, found.headers.get_all("Set-Cookie") or [])
        return found

    def open(self, url):
        """What a person sees who enters `url`."""
        for _ in range(10):
            found = self.request(url, headers=NAVIGATION)
            if found.status not in (301, 302, 303, 307, 308):
                return found
            url = urljoin(url, found.headers["Location"])
        raise AssertionError(f"too many redirects, at last to {url}")

    def sign_in(self, link):
        """What the page behind the link of `xpmctl web` does."""
        parts = urlsplit(link)
        code = parse_qs(parts.fragment)["code"][0]
        found = self.request(
            f"http://{parts.netloc}/api/sign-in", "POST", {"X-XPM-Request": "1", **SAME_ORIGIN}, {"code": code})
        assert found.status == 204, f"the sign-in is answered {found.status}: {found.text}"

    def cookie_field(self, host):
        found = "; ".join(f"{name}={value}" for name, value in self.cookies.get(host, {}).items())
        return {"Cookie": found} if found else {}

    def keep(self, host, lines):
        for line in lines:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies.setdefault(host, {})[name.strip()] = value.strip()


class WebSocket:
    """A client of RFC 6455 that sends and reads whole messages."""

    def __init__(self, browser, url, protocols=(), origin=None):
        parts = urlsplit(url)
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {
            "Host": parts.netloc, "Origin": origin or f"http://{parts.netloc}", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key, "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "websocket", "Sec-Fetch-Dest": "websocket", **browser.cookie_field(parts.hostname)}
        if protocols:
            fields["Sec-WebSocket-Protocol"] = ", ".join(protocols)
        self.socket = socket.create_connection(("127.0.0.1", parts.port), timeout=PATIENCE)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.stream = self.socket.makefile("rb")
        self.status = int(self.stream.readline().split()[1])
        self.headers = http.client.parse_headers(self.stream)
        if self.status == 101:
            digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
            assert self.headers["Sec-WebSocket-Accept"] == base64.b64encode(digest).decode()

    def send(self, data):
        binary = isinstance(data, bytes)
        self.frame(2 if binary else 1, data if binary else data.encode())

    def frame(self, opcode, data):
        mask = os.urandom(4)
        length = len(data)
        size = bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack(">H", length)
        assert length < 1 << 16
        self.socket.sendall(bytes([0x80 | opcode]) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))

    def receive(self):
        """The next message, text or bytes; None where the other side has closed."""
        message, kind = b"", 1
        while True:
            first, second = self.stream.read(2)
            length = second & 0x7F
            if length > 125:
                length = int.from_bytes(self.stream.read(2 if length == 126 else 8), "big")
            data = self.stream.read(length)
            opcode = first & 0x0F
            if opcode == 8:
                return None
            if opcode == 9:
                self.frame(10, data)
            if opcode in (0, 1, 2):
                message, kind = message + data, opcode or kind
                if first & 0x80:
                    return message.decode() if kind == 1 else message

    def until(self, found):
        """Reads messages until one of them has been found; gives it."""
        while (message := self.receive()) is not None:
            if found(message):
                return message
        raise AssertionError("the WebSocket was closed before that")

    def close(self):
        if self.status == 101:
            self.frame(8, struct.pack(">H", 1000))
        self.stream.close()
        self.socket.close()
