import Glibc
import Testing
import XPMStore

@Suite struct CrashTests {
    /// Six processes in turn commit to one folder and are killed in the middle, after ever more acknowledgements.
    @Test func killedProcessLosesNothingAcknowledgedAndLeavesNoHalfCommit() throws {
        let scratch = try ScratchFolder()
        let executable = try Self.executable("store-crash-child")
        var lastKept: Int64 = 0
        for acknowledgements in [1, 2, 10, 50, 200, 600] {
            let child = try SpawnedProcess([executable, scratch.state])
            var acknowledged: Int64 = 0
            for _ in 0..<acknowledgements {
                acknowledged = try #require(try child.line().flatMap(Int64.init), "the child has ended by itself")
            }
            try #require(child.kill() & 0x7F == SIGKILL, "the child has ended by itself")
            while let line = try child.line() { acknowledged = try #require(Int64(line)) }

            let store = try Store(folder: scratch.state)
            let contents = try store.load()
            #expect(contents.lastSequence >= acknowledged)
            #expect(contents.lastSequence >= lastKept + Int64(acknowledgements))
            #expect(contents.services.map(\.runtime) == ["\(contents.lastSequence)"])
            #expect(contents.lastAttempt == UInt64(contents.lastSequence))
            #expect(try store.allSequences() == Array(1...contents.lastSequence))
            store.close()
            lastKept = contents.lastSequence
        }
    }

    @Test func killedProcessLeavesALogThatIsTrimmedFairly() throws {
        let scratch = try ScratchFolder()
        let executable = try Self.executable("store-crash-child")
        let limit = 300
        for _ in 0..<6 {
            let child = try SpawnedProcess([executable, scratch.state, "\(limit)"])
            for _ in 0..<500 {
                _ = try #require(try child.line(), "the child has ended by itself")
            }
            try #require(child.kill() & 0x7F == SIGKILL, "the child has ended by itself")
            while try child.line() != nil {}
            let store = try Store(folder: scratch.state, eventLimit: limit)
            let last = try store.load().lastSequence
            let sequences = try store.allSequences()
            #expect(sequences.count < limit + 256 && sequences.last == last)
            // The few of the one are all there, and of the other the newest.
            let few = sequences.filter { $0 % 100 == 1 }
            #expect(few == Array(stride(from: Int64(1), through: last, by: 100)))
            let many = sequences.filter { $0 % 100 != 1 }
            #expect(many == (many[0]...last).filter { $0 % 100 != 1 })
            store.close()
        }
    }

    /// A product beside the running test bundle.
    private static func executable(_ name: String) throws -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for path in [own] + CommandLine.arguments {
            guard let end = path.lastIndex(of: "/") else { continue }
            let candidate = "\(path[..<end])/\(name)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw Failure(what: "find \(name) beside \(own)", reason: ENOENT)
    }
}
