"""Of each shipped template: how its test starts it, and what its tool must do behind the web page. A test is a generator of claims."""

import json
import os
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

from web_client import SAME_ORIGIN, WebSocket

SCRIPTS = Path(__file__).resolve().parent


class Site:
    """A service as a browser that is signed in has it. Paths are below the service's prefix."""

    def __init__(self, browser, url, prefix):
        self.browser, self.opened = browser, url
        self.origin = "/".join(url.split("/")[:3])
        self.base = self.origin + prefix

    def get(self, path, **fields):
        return self.browser.request(self.base + path, headers={**SAME_ORIGIN, **fields})

    def post(self, path, body, method="POST", **fields):
        return self.browser.request(self.base + path, method, {**SAME_ORIGIN, **fields}, body)

    def socket(self, path, protocols=(), origin=None):
        return WebSocket(self.browser, self.base + path, protocols, origin)


def run(python, *words, cwd):
    subprocess.run([python, *words], cwd=cwd, check=True, capture_output=True, timeout=120)


class Tool:
    """One template. `words` are its parameters on the command line, `prefix` is what its paths begin with."""

    words = ()
    title = ""
    prefix = "/services/{name}"

    def prepare(self, folder, python):
        """Writes what it is to show."""

    def claims(self, site, folder, python):
        return ()


class TensorBoard(Tool):
    words = ("--logdir", "runs")
    title = "<title>TensorBoard</title>"

    def prepare(self, folder, python):
        run(python, str(SCRIPTS / "write-events.py"), "runs", cwd=folder)

    def claims(self, site, folder, python):
        runs = site.get("/data/runs").json()
        yield "it has the runs", sorted(runs) == ["lr=0.01", "lr=0.1"]
        tags = site.get("/data/plugin/scalars/tags").json()
        tag = sorted(tags["lr=0.1"])[0]
        points = site.get(f"/data/plugin/scalars/scalars?run={quote('lr=0.1')}&tag={quote(tag)}").json()
        yield "a chart has its points", len(points) > 1
        found = site.browser.request(site.base, headers=SAME_ORIGIN)
        # The web page's own, for a page that somebody opens, or TensorBoard's.
        is_redirect = found.status in (301, 302)
        yield "its redirect stays below the prefix", is_redirect and found.headers["Location"] == "/services/tensorboard/"


class JupyterLab(Tool):
    words = ("--allow_root",) if os.getuid() == 0 else ()
    title = "<title>JupyterLab</title>"

    def claims(self, site, folder, python):
        xsrf = {"X-XSRFToken": site.browser.cookies[site.origin[7:].split(":")[0]].get("_xsrf", "")}
        kernel = site.post("/api/kernels", {}, **xsrf).json()["id"]
        session = uuid.uuid4().hex
        path = f"/api/kernels/{kernel}/channels?session_id={session}"
        socket = site.socket(path)
        yield "the kernel's WebSocket is opened", socket.status == 101
        socket.send(self.request(session, "print(6 * 7)"))
        yield "a cell is run", bool(socket.until(
            lambda text: (message := json.loads(text))["msg_type"] == "stream" and message["content"]["text"] == "42\n"))
        socket.close()
        yield "a page of another origin gets no WebSocket", site.socket(path, origin="http://evil.example").status == 403
        found = site.post("/api/contents/note.txt", {"type": "file", "format": "text", "content": "x" * 500_000}, "PUT", **xsrf)
        yield "a file is saved", found.status == 201 and (folder / "note.txt").stat().st_size == 500_000
        yield "a kernel without work is idle", [entry["execution_state"] for entry in site.get("/api/kernels").json()] == ["idle"]
        site.post(f"/api/kernels/{kernel}", None, "DELETE", **xsrf)

    @staticmethod
    def request(session, code):
        return json.dumps({
            "header": {"msg_id": uuid.uuid4().hex, "username": "", "session": session, "msg_type": "execute_request", "version": "5.3"},
            "parent_header": {}, "metadata": {}, "channel": "shell",
            "content": {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}})


class Streamlit(Tool):
    words = ("--script", "app.py")
    title = "<title>Streamlit</title>"

    def prepare(self, folder, python):
        (folder / "app.py").write_text('import streamlit as st\nst.write("the answer", 6 * 7)\n')

    def claims(self, site, folder, python):
        socket = site.socket("/_stcore/stream", ["streamlit"])
        yield "the WebSocket speaks streamlit", (socket.status, socket.headers["Sec-WebSocket-Protocol"]) == (101, "streamlit")
        # A BackMsg with an empty rerun_script (field 11): what a page sends first.
        socket.send(b"\x5a\x00")
        yield "the app runs", bool(socket.until(lambda message: b"the answer" in message and b"42" in message))
        socket.close()
        yield "a page of another origin gets no WebSocket", site.socket("/_stcore/stream", origin="http://evil.example").status == 403


class MLflow(Tool):
    title = "<title>MLflow</title>"

    def claims(self, site, folder, python):
        created = site.post("/ajax-api/2.0/mlflow/experiments/create", {"name": "tried"})
        yield "the page may create an experiment", created.status == 200
        found = site.get("/ajax-api/2.0/mlflow/experiments/search?max_results=10").json()["experiments"]
        yield "the page lists it", "tried" in [entry["name"] for entry in found]
        found = site.post("/api/2.0/mlflow/runs/create", {"experiment_id": created.json()["experiment_id"]})
        yield "the API works below the prefix", found.status == 200
        artifact = site.post("/api/2.0/mlflow-artifacts/artifacts/a/b.bin", b"x" * 3_000_000, "PUT")
        yield "an artifact is stored", artifact.status == 200
        yield "and loaded", site.get("/api/2.0/mlflow-artifacts/artifacts/a/b.bin").body == b"x" * 3_000_000


class Marimo(Tool):
    words = ("--notebook", "notebook.py")
    title = "<title>notebook</title>"

    def prepare(self, folder, python):
        (folder / "notebook.py").write_text(
            'import marimo\napp = marimo.App()\n\n\n@app.cell\ndef _():\n    6 * 7\n    return\n\n\nif __name__ == "__main__":\n    app.run()\n')

    def claims(self, site, folder, python):
        page = site.browser.open(site.opened).text
        token = page.split('"serverToken": "')[1].split('"')[0] if '"serverToken": "' in page else ""
        session = "s_test01"
        socket = site.socket(f"/ws?session_id={session}")
        yield "the WebSocket is opened", socket.status == 101
        ready = json.loads(socket.until(lambda text: json.loads(text)["op"] == "kernel-ready"))
        cells = ready["data"]["cell_ids"]
        fields = {"Marimo-Session-Id": session, "Marimo-Server-Token": token}
        found = site.post("/api/kernel/run", {"cellIds": cells, "codes": ["print(6 * 7)"]}, **fields)
        yield "the page may run a cell", found.status == 200
        yield "its output comes", bool(socket.until(lambda text: json.loads(text)["op"] == "cell-op" and "42" in text))
        socket.close()
        yield "a page of another origin gets no WebSocket", site.socket("/ws?session_id=s_other1", origin="http://evil.example").status == 403


class OptunaDashboard(Tool):
    words = ("--storage", "sqlite:///study.db")
    title = "<title>Optuna Dashboard</title>"
    prefix = ""

    def prepare(self, folder, python):
        run(python, "-c", "import optuna; optuna.create_study(storage='sqlite:///study.db', study_name='first')", cwd=folder)

    def claims(self, site, folder, python):
        found = site.browser.request(site.origin + "/", headers=SAME_ORIGIN)
        yield "its redirect stays on the origin", (found.status, found.headers["Location"].replace(site.origin, "")) == (302, "/dashboard")
        yield "it has the study", [entry["study_name"] for entry in site.get("/api/studies").json()["study_summaries"]] == ["first"]
        site.post("/api/studies", {"study_name": "second", "directions": ["minimize"]})
        rows = sqlite3.connect(folder / "study.db").execute("select study_name from studies order by study_id").fetchall()
        yield "the page may create one", rows == [("first",), ("second",)]


class Gradio(Tool):
    title = "Gradio"

    @property
    def words(self):
        return ("--script", "app.py", "--python", "python")

    def prepare(self, folder, python):
        (folder / "app.py").write_text("import gradio\ngradio.Interface(lambda text: text[::-1], 'text', 'text', api_name='turn').launch()\n")

    def claims(self, site, folder, python):
        config = site.get("/config").json()
        yield "its page knows its address", config["root"] == site.base
        event = site.post("/gradio_api/call/turn", {"data": ["desserts"]}).json()["event_id"]
        yield "its function is called", '["stressed"]' in site.get(f"/gradio_api/call/turn/{event}").text


class Aim(Tool):
    title = "<title>Aim</title>"

    def claims(self, site, folder, python):
        yield "its API works", site.get("/api/projects").status == 200
        yield "the repository was created", (folder / ".aim").is_dir()


class Static(Tool):
    words = ("--folder", "pages")
    title = "<title>Pages</title>"

    def prepare(self, folder, python):
        (folder / "pages/sub").mkdir(parents=True)
        (folder / "pages/index.html").write_text("<title>Pages</title><link rel=stylesheet href=/a.css><script src=sub/b.js></script>")
        (folder / "pages/a.css").write_text("p { color: red }")
        (folder / "pages/sub/b.js").write_text("1;")
        (folder / "pages/large").write_bytes(b"x" * 5_000_000)

    def claims(self, site, folder, python):
        yield "a folder's redirect stays below the prefix", site.get("/sub").headers["Location"] == "/services/static/sub/"
        yield "a large file comes whole", len(site.get("/large").body) == 5_000_000
        yield "what is missing is missing", site.get("/nothing").status == 404


TOOLS = {
    "tensorboard": TensorBoard(), "jupyterlab": JupyterLab(), "streamlit": Streamlit(), "mlflow": MLflow(), "marimo": Marimo(),
    "optuna-dashboard": OptunaDashboard(), "gradio": Gradio(), "aim": Aim(), "static": Static(),
}
if __name__ == "__main__":
    sys.exit("run test-templates.py")
