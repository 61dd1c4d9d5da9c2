import Testing
import XPMProtocol

struct SocketPathTests {
    private func path(_ length: Int) -> String { "/" + String(repeating: "x", count: length - 1) }

    @Test(arguments: [1, 103, 104, 107]) func whatTheSystemTakesIsTaken(length: Int) throws {
        try SocketPath.check(path(length))
    }

    @Test(arguments: [108, 109, 4000]) func aLongerPathIsRefusedWithItsLengthAndTheLimit(length: Int) {
        let error = #expect(throws: WireError.self) { try SocketPath.check(path(length)) }
        #expect(
            error?.message.contains("has \(length) bytes") == true && error?.message.contains("at most 107") == true)
        #expect(error?.data["length"] == .integer(Int64(length)))
    }

    /// `é` has two bytes.
    @Test func bytesAreCounted() {
        #expect(throws: WireError.self) { try SocketPath.check("/" + String(repeating: "é", count: 54)) }
    }

    @Test func aRuntimeFolderHasRoomForEverySocketOrIsRefused() throws {
        func places(_ length: Int) throws -> Places {
            try Places(environment: ["XPMD_RUNTIME_DIR": path(length)], user: 1000)
        }
        try places(89).checkSockets()
        let error = #expect(throws: WireError.self) { try places(90).checkSockets() }
        #expect(error?.message.contains("has 90 bytes; it can have at most 89") == true)
    }
}
