import Glibc
import Testing

@testable import XPMStore

/// Who may have a state folder, where several hosts may.
@Suite struct StateLockTests {
    let scratch: ScratchFolder
    private let own = LockHolder.own

    init() throws { scratch = try ScratchFolder() }

    private var lock: String { scratch.state + "/xpmd.lock" }

    /// A folder whose last holder, no longer there, was this one.
    private func leave(_ holder: LockHolder) throws {
        _ = try StateFolder(scratch.state)
        try scratch.write(
            Array("host \(holder.host)\nmachine \(holder.machine)\nboot \(holder.boot)\npid \(holder.pid)\n".utf8),
            to: lock)
    }

    private func other(_ change: (inout LockHolder) -> Void) -> LockHolder {
        var holder = own
        change(&holder)
        return holder
    }

    @Test func lockNamesHostAndProcessWhileItIsHeld() throws {
        let folder = try StateFolder(scratch.state)
        let descriptor = open(lock, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(LockHolder.read(from: descriptor) == own)
        let error = #expect(throws: StoreError.self) { try StateFolder(scratch.state) }
        #expect(error?.description.contains("process \(getpid())") == true, "\(String(describing: error))")
        folder.unlock()
        #expect(LockHolder.read(from: descriptor) == nil)
    }

    /// Another daemon would otherwise make a file of its own, and lock that.
    @Test func folderStaysLockedWithoutItsFile() throws {
        let folder = try StateFolder(scratch.state)
        #expect(unlink(lock) == 0)
        #expect(throws: StoreError.self) { try StateFolder(scratch.state) }
        #expect(access(lock, F_OK) != 0)
        // Whoever has it makes the file again.
        let again = try StateFolder(scratch.state, replacing: folder)
        #expect(again.isIntact)
        again.unlock()
        _ = try StateFolder(scratch.state)
    }

    @Test func hostIsNamedWhereItIsAnother() throws {
        let folder = try StateFolder(scratch.state, holder: other { $0.host = "node7" })
        let error = #expect(throws: StoreError.self) { try StateFolder(scratch.state) }
        #expect(error == .inUse(path: scratch.state, host: "node7", pid: own.pid))
        #expect(
            error?.description.contains("on host node7") == true
                && error?.description.contains("XPMD_STATE_DIR") == true)
        folder.unlock()
    }

    @Test func deadProcessAndEarlierBootAreTakenOverWithoutAWord() throws {
        for holder in [other { $0.pid = 1 << 22 }, other { $0.boot = "an earlier one" }] {
            try leave(holder)
            _ = try StateFolder(scratch.state, shared: true)
        }
    }

    @Test func anotherHostIsBelievedWhereItsLockCannotBeSeen() throws {
        let holder = other { ($0.host, $0.boot, $0.pid) = ("node7", "another", 77) }
        try leave(holder)
        let error = #expect(throws: StoreError.self) { try StateFolder(scratch.state, shared: true) }
        #expect(error == .heldElsewhere(path: scratch.state, host: "node7", pid: 77, lock: lock))
        #expect(error?.description.contains("remove \(lock)") == true)
        // It is still that host's.
        #expect(throws: StoreError.self) { try StateFolder(scratch.state, shared: true) }
        unlink(lock)
        _ = try StateFolder(scratch.state, shared: true)
    }

    @Test func anotherNameIsNoOtherHostOnADiskOfOnesOwn() throws {
        try leave(other { ($0.host, $0.boot) = ("container-1", "another") })
        _ = try StateFolder(scratch.state, shared: false)
    }

    @Test func lockOfWhateverContentIsTaken() throws {
        for text in ["", "\n", "host\npid x\n", String(repeating: "x", count: 5000)] {
            _ = try StateFolder(scratch.state)
            try scratch.write(Array(text.utf8), to: lock)
            _ = try StateFolder(scratch.state, shared: true)
        }
    }
}
