import Glibc
import Testing
import XPMProtocol

/// The main job, with the real TensorBoard.
struct TensorBoardTests {
    @Test func tensorBoardOutlivesItsSupervisor() throws {
        try TensorBoard.require()
        try withInstance { xpmd in
            // Nothing runs yet: xpmctl starts xpmd, which starts the keeper.
            let first = try xpmd.ctl("start", "tensorboard", "--logdir", "runs")
            try #require(first.code == 0, "\(first.errors)")
            let url = String(first.output.dropLast())
            #expect(url.hasPrefix("http://127.0.0.1:") && url.hasSuffix("/services/tensorboard/"))
            #expect(try TensorBoard.statusLine(of: url).hasSuffix(" 200 OK"))
            let before = try xpmd.service("tensorboard")
            #expect(before.state == .running && before.template == "tensorboard")

            let again = try xpmd.ctl("start", "tensorboard")
            #expect(again.output == first.output)
            #expect(try xpmd.service("tensorboard").attempt == before.attempt)

            let killed = try xpmd.status().pid
            try xpmd.crash()
            // The page needs no xpmd.
            #expect(try TensorBoard.statusLine(of: url).hasSuffix(" 200 OK"))
            let printed = try xpmd.ctl("url", "tensorboard")
            #expect(printed.output == first.output)
            let after = try xpmd.service("tensorboard")
            #expect(after == before)
            #expect(try xpmd.status().pid != killed)
        }
    }

    @Test func killedTensorBoardIsAnErrorAtOnceAndStartsAgain() throws {
        try TensorBoard.require()
        try withInstance { xpmd in
            try #require(try xpmd.ctl("start", "tensorboard", "--logdir", "runs").code == 0)
            let tape = try EventTape(xpmd.socket)
            let first = try #require(try xpmd.service("tensorboard").pid)
            kill(first, SIGKILL)
            let event = try tape.await("tensorboard", .error)
            #expect(event.error == "was killed by SIGKILL")
            #expect(event.exit?.signal == "SIGKILL")
            let dead = try xpmd.service("tensorboard")
            #expect(dead.state == .error && dead.pid == nil && dead.url == nil)
            #expect(try xpmd.ctl("why", "tensorboard").output.contains("was killed by SIGKILL"))

            try #require(try xpmd.ctl("start", "tensorboard").code == 0)
            let second = try #require(try xpmd.service("tensorboard").pid)
            try #require(try xpmd.ctl("restart", "tensorboard").code == 0)
            let third = try xpmd.wait("tensorboard", for: .running)
            #expect(Set([first, second, third.pid]).count == 3)
            try Processes.awaitEnd(of: second)
            // One line for each of the three: a start never empties the log.
            let log = try xpmd.ctl("logs", "tensorboard", "--stderr").output
            #expect(log.split(separator: "\n").filter { $0.hasPrefix("TensorBoard 2.") }.count == 3, "\(log)")

            #expect(try xpmd.ctl("remove", "tensorboard").code == 8)
            #expect(try xpmd.ctl("stop", "tensorboard").code == 0)
            #expect(!Processes.isAlive(try #require(third.pid)))
            #expect(try xpmd.ctl("remove", "tensorboard").code == 0)
            #expect(try xpmd.ctl("status", "tensorboard").code == 3)
        }
    }

    @Test func tensorBoardOfAnExperimentStartsByItsName() throws {
        try TensorBoard.require()
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab", run: nil)
            let definition = ServiceDefinition(
                run: .template("tensorboard", parameters: ["logdir": "runs"]), environment: xpmd.serviceEnvironment)
            #expect(try xpmd.call(AddService(to: run, id: "tensorboard", definition: definition)).added)
            try xpmd.call(CloseExperiment(run))
            let started = try xpmd.ctl("start", "tensorboard")
            try #require(started.code == 0, "\(started.errors)")
            #expect(try xpmd.list().map(\.identity) == [ServiceIdentity(run: run, id: "tensorboard")])
            #expect(try TensorBoard.statusLine(of: String(started.output.dropLast())).hasSuffix(" 200 OK"))
        }
    }

    @Test func templateWithoutItsParameterIsRefused() throws {
        try withInstance { xpmd in
            let outcome = try xpmd.ctl("start", "tensorboard")
            #expect(outcome.code == 10)
            #expect(outcome.errors.contains("logdir"))
            #expect(try xpmd.list().isEmpty)
        }
    }
}
