import Glibc
import Testing
import XPMProtocol

/// Services of Python classes: what xpmd does for their host, which here is a stand-in for the interpreter.
struct RecreateTests {
    /// A program that is run in the interpreter's place: it says READY=1 and appends what it was given to `said`, as JSON.
    private func interpreter(_ xpmd: Instance, then end: String = "signal.pause()") throws -> String {
        let code = """
            #!/usr/bin/env python3
            import json, os, signal, socket, stat, sys
            file = os.environ["XPM_HOST"]
            mode = stat.S_IMODE(os.stat(file).st_mode)
            order = json.load(open(file))
            def say(text):
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                    s.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])
            with open("\(xpmd.scratch.path)/said", "w") as said:
                said.write(json.dumps({"arguments": sys.argv[1:], "mode": mode, "order": order,
                    "path": os.environ["PYTHONPATH"], "folder": os.getcwd()}))
            \(end.contains("READY=1") ? "" : "say('READY=1')")
            \(end)
            """
        return try xpmd.scratch.file("python", code, mode: 0o700)
    }

    private func definition(
        _ xpmd: Instance, _ recreation: Recreation, defining: (inout ServiceDefinition) -> Void = { _ in }
    ) -> ServiceDefinition {
        var definition = ServiceDefinition(
            run: .recreate(recreation), className: "boards.Board",
            stateDict: ["path": ["__path__": "/runs"]], environment: xpmd.serviceEnvironment)
        defining(&definition)
        return definition
    }

    private func said(_ xpmd: Instance) throws -> [String: JSONValue] {
        try Wire.decode([String: JSONValue].self, from: text(of: xpmd.scratch.path + "/said").utf8)
    }

    private func resolved(_ path: String) throws -> String {
        guard let real = realpath(path, nil) else { throw TestFailure("nothing at \(path)") }
        defer { free(real) }
        return String(cString: real)
    }

    @Test func hostIsToldWhatToMake() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let python = try interpreter(xpmd)
            let run = try xpmd.open("lab")
            let definition = definition(xpmd, Recreation(python: python, path: ["/src"])) {
                $0.environment?["PYTHONPATH"] = "/mine"
            }
            let added = try xpmd.call(AddService(to: run, id: "board", definition: definition)).service
            #expect(added.interpreter == InterpreterReport(python: python, from: .definition))
            let running = try xpmd.start("board")
            #expect(running.interpreter == added.interpreter)
            let said = try said(xpmd)
            guard case .array(let arguments)? = said["arguments"], case .string(let program)? = arguments.last else {
                throw TestFailure("no arguments")
            }
            #expect(arguments.count == 2 && arguments.first == .string("-c") && program.contains("xpmd.host"))
            #expect(said["mode"] == .integer(0o600))
            #expect(said["folder"] == .string(xpmd.workspace))
            guard case .string(let path)? = said["path"] else { throw TestFailure("no path") }
            let folders = path.split(separator: ":").map(String.init)
            // Links lead from a build's folder to the package in the checkout.
            #expect(
                try resolved(#require(folders.first)) == resolved(Binaries.checkout + "/share/xpmd/python"))
            #expect(folders.dropFirst() == ["/mine"])
            guard case .object(let order)? = said["order"] else { throw TestFailure("no order") }
            #expect(order["class"] == .string("boards.Board"))
            #expect(order["path"] == .array([.string("/src")]))
            // A host that did not remove its file leaves it to the end of its attempt.
            let file = "\(xpmd.runtime)/hosts/\(running.attempt ?? 0).json"
            #expect(access(file, F_OK) == 0)
            try xpmd.stop("board")
            #expect(access(file, F_OK) != 0)
        }
    }

    @Test func whatTheHostSaysOfItsFailureIsTheError() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let python = try interpreter(
                xpmd, then: "say('X_XPM_ERROR=no module named boards'); sys.exit(1)  # READY=1")
            let definition = definition(xpmd, Recreation(python: python))
            try xpmd.call(AddService(to: xpmd.open("lab"), id: "board", definition: definition))
            try xpmd.begin("board")
            let error = #expect(throws: WireError.self) { try xpmd.wait("board", for: .running) }
            #expect(error?.code == .startFailed)
            let failed = try xpmd.service("board")
            #expect(failed.state == .error && failed.error == "no module named boards" && failed.exit?.code == 1)
        }
    }

    @Test func lastWordsSaidWhileNoDaemonRanAreTheError() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            let python = try interpreter(
                xpmd, then: "open('\(go.path)').readline(); say('X_XPM_ERROR=out of tune'); sys.exit(3)  # READY=1")
            let definition = definition(xpmd, Recreation(python: python))
            try xpmd.call(AddService(to: xpmd.open("lab"), id: "board", definition: definition))
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("board")
            let pid = try #require(try tape.await { $0.id == "board" && $0.pid != nil }.pid)
            try xpmd.crash()
            try go.letGo()
            try Processes.awaitEnd(of: pid)
            try xpmd.launch()
            _ = try xpmd.wait("board", for: .ended)
            #expect(try xpmd.service("board").error == "out of tune")
        }
    }

    @Test func logsGoWhereTheDefinitionSaysAndEachAttemptBeginsAfresh() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let folder = xpmd.workspace + "/.scheduler/services/board"
            let python = try interpreter(xpmd, then: "print('attempt', order['run'], flush=True); signal.pause()")
            let definition = definition(xpmd, Recreation(python: python)) {
                $0.log = LogPolicy(stdout: folder + "/logs.out", stderr: folder + "/logs.err", fresh: true)
            }
            try xpmd.call(AddService(to: xpmd.open("lab"), id: "board", definition: definition))
            // Somebody follows the log over both attempts.
            for attempt in 1...2 {
                let running = try xpmd.start("board")
                #expect(running.stdout == folder + "/logs.out")
                var text = ""
                while !text.hasSuffix("attempt r1\n") {
                    let request = ServiceLogs(ServiceReference(id: "board"), stream: .stdout, offset: 0, waitSeconds: 1)
                    text = try xpmd.call(request).piece.text
                }
                #expect(text == String(repeating: "attempt r1\n", count: attempt))
                #expect(IntegrationTests.text(of: folder + "/logs.out") == "attempt r1\n")
                try xpmd.crash()
                try xpmd.launch()
                #expect(try xpmd.service("board").stdout == folder + "/logs.out")
                try xpmd.stop("board")
            }
            #expect(IntegrationTests.text(of: folder + "/logs.out.1") == "attempt r1\n")
        }
    }

    @Test func whoFollowsALogIsToldOfTheNextAttemptAtOnce() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let pipe = try Tidings("go", of: xpmd)
            try xpmd.addScript("echo", "echo begun; read line <\(pipe.path); echo $line; exec sleep 1000", to: run) {
                $0.log = LogPolicy(fresh: true)
            }
            try xpmd.start("echo")
            try pipe.write("one\n")
            let reply = try xpmd.call(
                ServiceLogs(ServiceReference(id: "echo"), stream: .stdout, offset: 6, waitSeconds: 60)
            ).piece
            #expect(reply.text == "one\n")
            try xpmd.stop("echo")
            let client = try RawClient(xpmd.socket)
            try client.greet()
            client.send(
                frame:
                    #"{"id":1,"jsonrpc":"2.0","method":"service.logs","params":{"service":"echo","stream":"stdout","offset":\#(reply.next),"wait_s":60}}"#
            )
            let began = ContinuousClock.now
            try xpmd.start("echo")
            let next = try Wire.decode(Response<ServiceLogs.Piece>.self, from: try #require(try client.payload()))
            #expect(next.result?.text == "begun\n" && next.result?.next == reply.next + 6)
            #expect(ContinuousClock.now - began < .seconds(50), "not only when the wait was over")
        }
    }

    @Test func interpreterIsRememberedOrConfigured() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let python = try interpreter(xpmd)
            let run = try xpmd.open("lab")
            let unnamed = definition(xpmd, Recreation())
            try xpmd.call(AddService(to: run, id: "board", definition: unnamed))
            let refusal = try xpmd.ctl("start", "board")
            #expect(refusal.code == 5 && refusal.errors.contains("[python]"))
            // Configured, from the next start on.
            try xpmd.scratch.file("config/config.toml", "[python]\ninterpreter = \"\(python)\"\n")
            #expect(try xpmd.start("board").interpreter == InterpreterReport(python: python, from: .configured))
            try xpmd.stop("board")
            // Another service of the workspace that names one comes first, over a restart of xpmd, too.
            let other = try xpmd.open("other")
            let named = definition(xpmd, Recreation(python: python, pythonFrom: .process))
            try xpmd.call(AddService(to: other, id: "board", definition: named))
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("lab:board").interpreter?.from == .remembered)
            #expect(try xpmd.start("lab:board").interpreter?.from == .remembered)
        }
    }

    @Test func partsOfASelfInclusiveCompositeAreStartedEachByItself() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let python = try interpreter(xpmd)
            let run = try xpmd.open("lab")
            var request = AddService(to: run, id: "board", definition: definition(xpmd, Recreation(python: python)))
            request.subServices = [
                .init(id: "wandb", definition: definition(xpmd, Recreation(python: python, part: "wandb")))
            ]
            #expect(try xpmd.call(request).service.subServices == ["board/wandb"])
            #expect(try xpmd.start("board").state == .running)
            #expect(try xpmd.service("board/wandb").state == .stopped)
            try xpmd.start("board/wandb")
            guard case .object(let order)? = try said(xpmd)["order"] else { throw TestFailure("no order") }
            #expect(order["id"] == .string("board") && order["part"] == .string("wandb"))
            try xpmd.stop("board")
            #expect(try xpmd.service("board/wandb").state == .running)
            #expect(try !xpmd.call(request).added)
        }
    }

    @Test func leftoversOfHostsThatAreNoMoreGoWithTheNextStart() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("run/hosts")
            let file = try xpmd.scratch.file("run/hosts/77.json", "{}")
            try xpmd.launch()
            #expect(access(file, F_OK) != 0)
        }
    }
}
