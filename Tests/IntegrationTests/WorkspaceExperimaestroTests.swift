import Glibc
import Testing
import WorkspaceFixture
import XPMProtocol

/// The files of the real experimaestro, where the virtual environment of the tests has it.
@Suite(.enabled(if: access(TensorBoard.binaries + "/experimaestro", X_OK) == 0))
struct WorkspaceExperimaestroTests {
    private static let module = """
        from pathlib import Path
        from experimaestro import Param, Task
        from experimaestro.scheduler.services import WebService

        class Board(WebService):
            id = "board"

            def __init__(self, path: Path):
                super().__init__()
                self.path = path

            def state_dict(self):
                return {"path": self.path}

            def description(self):
                return "A board"

            def _serve(self, running):
                running.set()

        class Add(Task):
            x: Param[int]

            def execute(self):
                print(self.x)
        """
    private static let script = """
        import sys
        from pathlib import Path
        from experimaestro import experiment
        from boards import Add, Board

        with experiment(Path(sys.argv[1]), "real") as xp:
            xp.add_service(Board(xp.workdir / "runs"))
            Add.C(x=1).submit()
            xp.wait()
            print("held", file=open(sys.argv[2], "w"), flush=True)
            open(sys.argv[3]).readline()
        """

    @Test func runsOfTheRealOneAreListedWhileTheyGoOnAndAfter() throws {
        let workspace = try WorkspaceFolder()
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.watch(workspace)
            try xpmd.scratch.file("boards.py", Self.module)
            let script = try xpmd.scratch.file("train.py", Self.script)
            let (told, go) = (try Tidings("told", of: xpmd), try Tidings("go", of: xpmd))
            let tape = try EventTape(xpmd.socket, since: xpmd.status().lastEvent)
            let python = TensorBoard.binaries + "/python"
            func begin() throws -> ChildProcess {
                try ChildProcess(
                    [python, script, workspace.root, told.path, go.path], environment: xpmd.serviceEnvironment,
                    folder: xpmd.workspace, files: [1: ("/dev/null", O_WRONLY), 2: ("/dev/null", O_WRONLY)])
            }
            func recreation(_ id: String) throws -> Recreation {
                let definition = try xpmd.call(GetService(ServiceReference(parsing: id))).definition
                guard case .recreate(let recreation) = definition.run else { throw TestFailure("\(id) is no class") }
                #expect(definition.className == "boards.Board")
                return recreation
            }

            let first = try begin()
            #expect(try told.line() == "held")
            try tape.await { $0.kind == .serviceAdded && $0.id == "board" }
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.status) == [.open])
            let live = try recreation("real:board")
            #expect(live.python == python && live.pythonFrom == .process && live.path?.first == xpmd.scratch.path)
            try go.letGo()
            try first.wait()
            #expect(try tape.await { $0.kind == .experimentClosed }.cause == "done")

            let second = try begin()
            #expect(try told.line() == "held")
            try tape.await { $0.kind == .serviceAdded && $0.id == "board" }
            second.kill()
            try tape.await { $0.kind == .experimentClosed }
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.status) == [.done, .failed])

            // What nobody saw alive is known by its job.
            #expect(try xpmd.ctl("unwatch", workspace.root).code == 0)
            let last = try xpmd.status().lastEvent
            #expect(try xpmd.watch(workspace) == 2)
            let again = try EventTape(xpmd.socket, since: last)
            var left = 4
            while left > 0 { if try again.next().kind == .serviceAdded { left -= 1 } }
            let job = try recreation("real:board")
            #expect(job.python == python && job.pythonFrom == .job && job.path == [xpmd.scratch.path])
        }
    }
}
