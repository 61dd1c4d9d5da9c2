#!/usr/bin/env python3
"""fetch-runs.py URL RUN ...: fetches the page of the TensorBoard at URL and prints its runs, sorted; fails unless they are RUN ...

TensorBoard answers before it has read its event files and tells nobody when it has, so it is asked again for a while.
Whatever proxy the environment names is not used.
"""

import json
import sys
import time
import urllib.request

DEADLINE = 60.0

url, *expected = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(url, timeout=DEADLINE) as page:
    if b"<title>TensorBoard</title>" not in page.read():
        sys.exit(f"cannot use {url}: it is no page of TensorBoard")
limit = time.monotonic() + DEADLINE
runs = None
while runs != sorted(expected):
    if time.monotonic() > limit:
        sys.exit(f"cannot find the runs {sorted(expected)} at {url}: after {DEADLINE:.0f} s it has {runs}")
    if runs is not None:
        time.sleep(0.1)
    with opener.open(url + "data/runs", timeout=DEADLINE) as reply:
        runs = sorted(json.load(reply))
print(*runs, sep="\n")
