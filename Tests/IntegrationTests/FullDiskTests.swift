import Testing
import XPMProtocol

/// The disk of the state folder is full.
@Suite(.enabled(if: SmallDisk.isPossible, "only root can mount a small disk"))
struct FullDiskTests {
    /// Adds services until the database has no spare room of its own, and returns those that were acknowledged.
    private func addUntilRefused(_ xpmd: Instance, _ run: RunIdentity) throws -> (added: [String], refusal: WireError) {
        var added: [String] = []
        let padding = String(repeating: "x", count: 8000)
        for number in 0..<1000 {
            do {
                try xpmd.add("s\(number)", ["true", padding], to: run)
                added.append("s\(number)")
            } catch let refusal as WireError {
                return (added, refusal)
            }
        }
        throw TestFailure("a full disk took \(added.count) services")
    }

    @Test func addIsRefusedAndNothingAcknowledgedIsLost() throws {
        try withInstance { xpmd in
            let disk = try SmallDisk(for: xpmd, megabytes: 8)
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("early", ["true"], to: run)
            try disk.fill()
            let (added, refusal) = try addUntilRefused(xpmd, run)
            #expect(refusal.code == .storageFull && refusal.message.hasPrefix("cannot"))
            let outcome = try xpmd.ctl("add", "late", "--", "true", String(repeating: "x", count: 8000))
            #expect(outcome.code == 9 && outcome.errors.contains("hint: free space"), "\(outcome.errors)")
            #expect(try xpmd.list().map(\.identity.id) == ["early"] + added)
            try xpmd.crash()
            disk.makeRoom()
            try xpmd.launch()
            #expect(try xpmd.list().map(\.identity.id) == ["early"] + added)
        }
    }

    @Test func daemonStartsAndServesOnAFullDisk() throws {
        try withInstance { xpmd in
            let disk = try SmallDisk(for: xpmd, megabytes: 8)
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("sleeper", ["sleep", "1000"], to: run)
            let before = try xpmd.start("sleeper")
            try disk.fill()
            _ = try addUntilRefused(xpmd, run)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.service("sleeper").pid == before.pid)
            disk.makeRoom()
        }
    }

    @Test func stopWorksAndEverythingIsSavedOnceThereIsRoom() throws {
        try withInstance { xpmd in
            let disk = try SmallDisk(for: xpmd, megabytes: 8)
            try xpmd.launch()
            let run = try xpmd.open("lab")
            for id in ["one", "two"] { try xpmd.add(id, ["sleep", "1000"], to: run) }
            let one = try xpmd.start("one")
            let two = try xpmd.start("two")
            let tape = try EventTape(xpmd.socket)
            try disk.fill()
            _ = try addUntilRefused(xpmd, run)
            // Said not to be durable, and done all the same.
            _ = try? xpmd.call(StopService(ServiceReference(id: "one")))
            #expect(try xpmd.wait("one", for: .ended).state == .stopped)
            #expect(!Processes.isAlive(try #require(one.pid)))
            try Processes.kill(try #require(two.pid))
            #expect(try xpmd.wait("two", for: .ended).error == "was killed by SIGKILL")
            #expect(try xpmd.status().storageFault != nil)
            disk.makeRoom()
            try tape.await("one", .stopped)
            try tape.await { $0.id == "two" && $0.state == .error }
            #expect(tape.events.map(\.sequence) == Array(1...Int64(tape.events.count)))
            #expect(try xpmd.status().storageFault == nil)
            try xpmd.add("after", ["true"], to: run)
            let saved = try xpmd.list()
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.list() == saved)
        }
    }
}
