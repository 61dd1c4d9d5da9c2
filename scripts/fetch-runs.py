#!/usr/bin/env python3
"""fetch-runs.py URL RUN ...: fetches the page of the TensorBoard at URL and prints its runs, sorted; fails unless they are RUN ...

Whatever proxy the environment names is not used.
"""

import json
import sys
import urllib.request

from tensorboard_runs import DEADLINE, print_when_there

url, *expected = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(url, timeout=DEADLINE) as page:
    if b"<title>TensorBoard</title>" not in page.read():
        sys.exit(f"cannot use {url}: it is no page of TensorBoard")


def fetch():
    with opener.open(url + "data/runs", timeout=DEADLINE) as reply:
        return json.load(reply)


print_when_there(expected, url, fetch)
