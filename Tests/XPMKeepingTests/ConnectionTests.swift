import Glibc
import SeededRandom
import Testing

@testable import XPMKeeping

struct ConnectionTests {
    @Test func exitWithoutClientIsInTheNextSnapshot() throws {
        try withKeeper { keeper in
            let gate = try Tidings(keeper.folder.path + "/gate")
            var pid: Int32 = 0
            do {
                let client = try keeper.greet().client
                pid = try client.spawn(keeper.order(1, "read x < gate; exit 5")).pid
            }
            try gate.open()
            try awaitEnd(of: pid)
            let (client, first) = try keeper.greet()
            // Dead is not yet reaped: the end may come a moment after the first snapshot.
            if first.map(\.phase) == [.running] { try client.emptied(1) }
            let report = try #require(try client.greet().first)
            guard case .exited(.code(5), let milliseconds, emptied: true) = report.phase else {
                throw TestFailure("not exited: \(report)")
            }
            #expect(report.pid == pid)
            #expect(milliseconds > 1_700_000_000_000)
        }
    }

    @Test func attemptIsKeptUntilAcknowledged() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            _ = try client.spawn(keeper.order(1, "exit 0"))
            try client.emptied(1)
            #expect(try keeper.greet().known.map(\.attempt) == [1])
            let again = try keeper.greet().client
            try again.send(.acknowledge(attempt: 1))
            #expect(try again.greet().isEmpty)
        }
    }

    @Test func keeperEndsWhenUnconnectedAndIdle() throws {
        try withKeeper { keeper in
            do {
                let client = try keeper.greet().client
                _ = try client.spawn(keeper.order(1, "exit 0"))
                try client.emptied(1)
                try client.send(.acknowledge(attempt: 1))
            }
            #expect(try keeper.keeperEnd() == 0)
            #expect(access(keeper.socketPath, F_OK) != 0)
        }
    }

    @Test func keeperStaysWithAnAttemptNotAcknowledged() throws {
        try withKeeper { keeper in
            do {
                let client = try keeper.greet().client
                _ = try client.spawn(keeper.order(1, "exit 0"))
                try client.emptied(1)
            }
            #expect(try keeper.greet().known.count == 1)
        }
    }

    @Test func newerClientReplacesTheOlder() throws {
        try withKeeper { keeper in
            let older = try keeper.greet().client
            let newer = try keeper.greet().client
            #expect(try older.untilClosed().isEmpty)
            #expect(try newer.greet().isEmpty)
        }
    }

    @Test func connectionWithoutHelloReplacesNobody() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let silent = try keeper.connect()
            let impatient = try keeper.connect()
            try impatient.send(.shutdown)
            #expect(try impatient.untilClosed().isEmpty)
            #expect(try client.greet().isEmpty)
            withExtendedLifetime(silent) {}
        }
    }

    @Test func garbageEndsOnlyItsConnection() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            var random = SeededRandom(seed: 2)
            for _ in 0..<200 {
                let other = try keeper.connect()
                var bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
                // A plausible length makes it a frame with a wrong body.
                if Bool.random(using: &random) { bytes.replaceSubrange(0..<4, with: [60, 0, 0, 0]) }
                bytes[3] |= Bool.random(using: &random) ? 0x80 : 0
                try other.send(bytes: bytes)
                if bytes[3] != 0 || bytes[0] == 60 { #expect(try other.untilClosed().isEmpty) }
            }
            #expect(try client.greet().isEmpty)
        }
    }

    @Test func foreignVersionIsToldOurs() throws {
        try withKeeper { keeper in
            let client = try keeper.connect()
            try client.send(.hello(minimum: 7, maximum: 9))
            #expect(try client.untilClosed() == [.incompatible(minimum: 1, maximum: 5)])
        }
    }

    @Test func shutdownIsRefusedWhileAnythingLives() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            _ = try client.spawn(keeper.sleeper(1))
            try client.send(.shutdown)
            #expect(try client.next() == .refused(reason: "cannot shut down: processes are left"))
            try client.send(.kill(attempt: 1))
            try client.emptied(1)
            try client.send(.shutdown)
            #expect(try keeper.keeperEnd() == 0)
            #expect(access(keeper.socketPath, F_OK) != 0)
        }
    }

    @Test func keeperTellsWhoItIs() throws {
        try withKeeper { keeper in
            let client = try keeper.connect()
            try client.send(.hello(minimum: 1, maximum: 1))
            guard case .welcome(version: 1, pid: keeper.keeper, _, let bootID) = try client.next() else {
                throw TestFailure("no welcome of this keeper")
            }
            #expect(bootID.utf8.count == 36)
        }
    }

    @Test func queueIsBounded() throws {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        let connection = Connection(Descriptor(ends[0]))
        let peer = Descriptor(ends[1])
        let frame = [UInt8](repeating: 1, count: 1 << 20)
        for _ in 0..<64 { #expect(connection.queue(frame)) }
        #expect(!connection.queue(frame))
        // What the peer does not take keeps waiting, without blocking.
        #expect(connection.flush())
        #expect(connection.hasOutput)
        withExtendedLifetime(peer) {}
    }
}
