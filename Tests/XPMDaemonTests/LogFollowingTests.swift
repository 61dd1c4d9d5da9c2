import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing
import XPMProtocol

@testable import XPMControl
@testable import XPMDaemon

/// Logs that are followed before there is a file, or can be one.
@Suite struct LogFollowingTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func logWhoseFileCannotBeMadeIsWaitedFor() throws {
        let fixture = try SupervisorFixture(stateFolder: scratch.path + "/state")
        defer { fixture.close() }
        // What is in the way of one log keeps the other from being made, too.
        let stdout = try scratch.write("file", "") + "/log.out"
        let add: SupervisorFixture.Request = {
            var definition = ServiceDefinition(run: .command(["/bin/sh"]))
            definition.log = LogPolicy(stdout: stdout)
            try $0.addService(AddService(to: SupervisorFixture.run, id: "job", definition: definition), $1)
        }
        let follow: SupervisorFixture.Request = {
            try $0.serviceLogs(
                ServiceLogs(ServiceReference(id: "job"), stream: .stderr, offset: 0, waitSeconds: 0.05), $1)
        }
        let answers = try fixture.ask(SupervisorFixture.open()) + fixture.ask(add) + fixture.ask(follow)
        guard case .object(let reply)? = answers[2].result else { throw FixtureFailure("\(answers[2])") }
        #expect(reply["text"]?.text == "" && answers.allSatisfy { $0.error == nil })
    }

    @Test func fileThatAppearsIsToldOfAndWatched() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let path = scratch.path + "/log"
        let (changes, change) = AsyncStream.makeStream(of: Void.self)
        var told = changes.makeAsyncIterator()
        let files = try await loop.submit {
            let files = FileWatch(loop: loop, logger: Logger(label: "test"))
            let token = files.watchLater(path) { change.yield() }
            files.appeared(path)
            return NIOLoopBound((files, token), eventLoop: loop)
        }.get()
        // It was not there yet.
        _ = await told.next()
        try scratch.write("log", "first\n")
        try await loop.submit { files.value.0.appeared(path) }.get()
        _ = await told.next()
        try scratch.write("log", "second\n")
        _ = await told.next()
        try await loop.submit {
            files.value.1.cancel()
            files.value.0.close()
        }.get()
        try await group.shutdownGracefully()
    }
}
