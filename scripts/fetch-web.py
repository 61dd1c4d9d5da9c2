#!/usr/bin/env python3
"""fetch-web.py LINK ADDRESS RUN ...: signs in to the web page by LINK, of `xpmctl web`, as a browser does, opens the TensorBoard at ADDRESS, of
`xpmctl url --web`, and prints its runs, sorted; fails unless they are RUN ...

Names below localhost are this machine, whatever the resolver says, as they are to browsers.
"""

import http.client
import json
import sys
from urllib.parse import parse_qs, urljoin, urlsplit

from tensorboard_runs import DEADLINE, print_when_there

link, address, *expected = sys.argv[1:]
cookies = {}


def ask(method, url, body=None, **headers):
    """One exchange; cookies are kept for each host. The reply with its body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=DEADLINE)
    fields = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if parts.netloc in cookies:
        fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies[parts.netloc].items())
    connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, fields)
    reply = connection.getresponse()
    for field in reply.headers.get_all("Set-Cookie", []):
        name, _, value = field.split(";")[0].partition("=")
        cookies.setdefault(parts.netloc, {})[name] = value
    return reply, reply.read()


def opened(url):
    """What is at the end of all redirections, and where that is."""
    for _ in range(10):
        reply, body = ask("GET", url, Accept="text/html", Sec_Fetch_Mode="navigate", Sec_Fetch_Site="none")
        if reply.status not in (301, 302, 303, 307, 308):
            return reply, body, url
        url = urljoin(url, reply.headers["Location"])
    sys.exit(f"cannot open {url}: it leads from place to place")


page = urlsplit(link)
origin = f"{page.scheme}://{page.netloc}"
code = parse_qs(page.fragment)["code"][0]
signing, said = ask(
    "POST", origin + "/api/sign-in", json.dumps({"code": code}), Content_Type="application/json", Origin=origin, X_XPM_Request="1")
if signing.status != 204:
    sys.exit(f"cannot sign in: {signing.status} {said.decode(errors='replace')}")
reply, body, url = opened(address)
if reply.status != 200 or b"<title>TensorBoard</title>" not in body:
    sys.exit(f"cannot use {url}: {reply.status}, it is no page of TensorBoard")


def fetch():
    return json.loads(ask("GET", urljoin(url, "data/runs"), Sec_Fetch_Mode="cors", Sec_Fetch_Site="same-origin")[1])


print_when_there(expected, url, fetch)
