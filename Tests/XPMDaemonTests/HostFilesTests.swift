import Glibc
import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

@Suite struct HostFilesTests {
    private let scratch: Scratch
    private let files: HostFiles

    init() throws {
        scratch = try Scratch()
        files = HostFiles(folder: scratch.path + "/hosts")
    }

    private func attempt(_ number: UInt64) -> AttemptID { AttemptID(rawValue: number) }

    private func exists(_ number: UInt64) -> Bool { access(files.path(of: attempt(number)), F_OK) == 0 }

    @Test func fileIsTheOwnersAlone() throws {
        try files.write(JSONValue.object(["a": .integer(1)]), for: attempt(3))
        #expect(try scratch.mode(of: files.folder) == 0o700)
        #expect(try scratch.mode(of: files.path(of: attempt(3))) == 0o600)
    }

    @Test func fileIsWrittenAnewForTheSameAttempt() throws {
        let path = files.path(of: attempt(3))
        try files.write(JSONValue.string("a long text that is no longer there"), for: attempt(3))
        try files.write(JSONValue.integer(1), for: attempt(3))
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        #expect(try Bytes.read(descriptor, from: 0, count: 100, path: path) == [UInt8(ascii: "1")])
    }

    @Test func linkInItsPlaceIsNotFollowed() throws {
        try scratch.folder("hosts")
        let victim = try scratch.write("victim", "precious")
        symlink(victim, files.path(of: attempt(3)))
        try files.write(JSONValue.integer(1), for: attempt(3))
        let descriptor = open(victim, O_RDONLY)
        defer { close(descriptor) }
        #expect(try Bytes.read(descriptor, from: 0, count: 100, path: victim) == Array("precious".utf8))
    }

    @Test func onlyLiveAttemptsKeepTheirs() throws {
        for number: UInt64 in 1...3 { try files.write(JSONValue.null, for: attempt(number)) }
        files.removeAll(but: [attempt(2)])
        #expect(!exists(1) && exists(2) && !exists(3))
        files.remove(attempt(2))
        #expect(!exists(2))
        HostFiles(folder: scratch.path + "/missing").removeAll(but: [])
    }
}
