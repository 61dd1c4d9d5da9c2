import Glibc
import Testing

@testable import XPMKeeping

struct SpawnTests {
    @Test func exitCodeIsReported() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let (pid, startTime) = try client.spawn(keeper.order(1, "exit 7"))
            #expect(pid > 0)
            #expect(startTime > 0)
            #expect(try client.exit(of: 1) == .code(7))
            try client.emptied(1)
        }
    }

    @Test func signalIsReported() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            try client.send(
                .spawn(keeper.order(1, arguments: ["/bin/sleep", "1000"])), .signal(attempt: 1, signal: SIGUSR1))
            #expect(try client.exit(of: 1) == .signal(SIGUSR1, core: false))
            try client.emptied(1)
        }
    }

    @Test func missingFolderIsNamed() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            var order = keeper.order(1, "exit 0")
            order.directory += "/missing"
            try client.send(.spawn(order))
            #expect(try client.next() == .spawnFailed(attempt: 1, stage: .folder, errno: ENOENT))
        }
    }

    @Test func missingCommandIsNamed() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            try client.send(.spawn(keeper.order(1, arguments: [keeper.folder.path + "/missing"])))
            #expect(try client.next() == .spawnFailed(attempt: 1, stage: .exec, errno: ENOENT))
        }
    }
}
