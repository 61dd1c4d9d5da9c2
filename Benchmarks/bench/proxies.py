"""The proxies that are compared, each before the same backend."""

import os
import shutil
import socket
import subprocess
import sys
import time

NGINX = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; proxy_max_temp_file_size 0;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream backend {{ server 127.0.0.1:{backend}; keepalive 64; keepalive_requests 100000000; }}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-Proto http;
    }}
  }}
}}
"""

# As experimaestro's web page passes requests on: a client for each, whole bodies, no WebSocket.
PYTHON = """
import sys, httpx, uvicorn
from fastapi import FastAPI, Request, Response
app = FastAPI()
@app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
async def passed(path: str, request: Request):
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.request(request.method, f"http://127.0.0.1:{sys.argv[2]}/{path}", content=await request.body(),
                                      headers={k: v for k, v in request.headers.items() if k.lower() != "host"})
        return Response(answer.content, answer.status_code,
                        headers={k: v for k, v in answer.headers.items() if k.lower() not in ("content-length", "transfer-encoding")})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


def free_port():
    """A port that nobody has now."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


class Proxy:
    """A running proxy. Use it as a context."""

    def __init__(self, name, command, port):
        self.name, self.command, self.port, self.process = name, command, port, None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"cannot start {self.name}") from None
                time.sleep(0.02)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    @property
    def pid(self):
        """The process that does the work: nginx's worker."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            children = file.read().split()
        return int(children[0]) if children else self.process.pid

    def processor_time(self):
        """User and system time so far, in nanoseconds, as fine as the kernel counts it."""
        with open(f"/proc/{self.pid}/schedstat") as file:
            return int(file.read().split()[0])


def ours(programs, backend):
    """The engine of xpm-web, without sign-in."""
    port = free_port()
    return Proxy("xpm-web", [os.path.join(programs, "web-bench"), str(port), str(backend)], port)


def nginx(scratch, backend):
    """nginx with one worker, or the reason why there is none."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        return None, "nginx is not installed (package nginx-light)"
    port, folder = free_port(), os.path.join(scratch, "nginx")
    os.makedirs(folder, exist_ok=True)
    configuration = os.path.join(folder, "configuration")
    with open(configuration, "w") as file:
        file.write(NGINX.format(folder=folder, port=port, backend=backend))
    return Proxy("nginx", [program, "-e", f"{folder}/errors", "-c", configuration], port), None


def python(folder, scratch, backend):
    """FastAPI and httpx in an environment of their own, or the reason why there are none."""
    interpreter = os.path.join(folder, "bin", "python")
    try:
        if not os.path.exists(interpreter):
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, text=True)
            subprocess.run(
                [interpreter, "-m", "pip", "install", "--quiet", "fastapi", "httpx", "uvicorn"],
                check=True, capture_output=True, text=True,
            )
    except (OSError, subprocess.CalledProcessError) as failure:
        shutil.rmtree(folder, ignore_errors=True)
        said = (getattr(failure, "stderr", None) or str(failure)).strip().splitlines()
        return None, f"cannot install FastAPI and httpx: {said[-1] if said else failure}"
    port, script = free_port(), os.path.join(scratch, "proxy.py")
    with open(script, "w") as file:
        file.write(PYTHON)
    return Proxy("FastAPI and httpx", [interpreter, script, str(port), str(backend)], port), None
