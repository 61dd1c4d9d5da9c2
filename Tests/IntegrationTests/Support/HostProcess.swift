import Glibc
import XPMProtocol

/// A process of its own that hosts the service `lab`, and comes back to whatever daemon answers: each start is ready at
/// once, with a URL, each stop ends it.
final class HostProcess {
    private let child: ChildProcess
    var pid: pid_t { child.pid }

    /// Returns once the service is added.
    init(of run: RunIdentity, _ instance: Instance) throws {
        child = try ChildProcess(
            ["python3", "-c", Self.program, instance.socket, run.workspace, run.experiment, run.run],
            environment: instance.environment,
            files: [2: (instance.scratch.path + "/host.log", O_WRONLY | O_CREAT | O_APPEND)])
    }

    func kill() { child.kill() }

    private static let program = """
        import json, select, socket, struct, sys
        path, workspace, experiment, run = sys.argv[1:]
        add = {"workspace": workspace, "experiment": experiment, "run": run, "id": "lab",
               "definition": {"run": {"kind": "hosted"}}}
        attempts = {}

        def say(to, message):
            payload = json.dumps({"jsonrpc": "2.0", **message}).encode()
            to.sendall(struct.pack(">I", len(payload)) + payload)

        def receive(stream):
            head = stream.read(4)
            return json.loads(stream.read(struct.unpack(">I", head)[0])) if len(head) == 4 else None

        def serve(daemon):
            stream = daemon.makefile("rb")
            say(daemon, {"id": 1, "method": "hello", "params": {"client": "host", "versions": {"min": 1, "max": 1}}})
            say(daemon, {"id": 2, "method": "service.add", "params": add})
            while message := receive(stream):
                if "method" not in message or "id" not in message:
                    continue
                say(daemon, {"id": message["id"], "result": {}})
                attempt = message["params"]["attempt"]
                if message["method"] == "hosted.start":
                    attempts.setdefault(attempt, "READY=1\\nX_XPM_URL=http://127.0.0.1:1/")
                    say(daemon, {"id": 3, "method": "hosted.notify", "params": {"attempt": attempt, "text": attempts[attempt]}})
                else:
                    say(daemon, {"id": 4, "method": "hosted.ended", "params": {"attempt": attempt}})

        while True:
            with socket.socket(socket.AF_UNIX) as daemon:
                try:
                    daemon.connect(path)
                    serve(daemon)
                except OSError:
                    select.select([], [], [], 0.02)
        """
}
