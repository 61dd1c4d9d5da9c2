/// Code that reads bytes from elsewhere, and what must hold whatever they are.
struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Also the name of its folder in `corpus`.
    var name: String
    /// Inputs are made no longer than this many bytes.
    var lengthLimit = 4096
    /// Throws a `Violation` where something does not hold. A trap, a hang and a leak are found without it.
    var check: @Sendable ([UInt8]) throws -> Void

    var description: String { name }

    static let all: [FuzzTarget] =
        [
            .frames, .messages, .keeperWire, .logFiles, .templates, .notifications, .escapes, .statusFiles, .eventFiles,
            .smallFiles, .names, .programs, .httpRequests, .httpResponses, .webSockets,
        ] + patterns

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Something that must hold does not.
struct Violation: Error, CustomStringConvertible {
    var description: String
}

/// Throws a `Violation` where `condition` does not hold.
func require(_ condition: Bool, _ claim: @autoclosure () -> String) throws {
    guard condition else { throw Violation(description: "it does not hold that \(claim())") }
}

extension [UInt8] {
    /// The bytes in pieces: where they are cut is decided by the bytes themselves, so that an input tells everything.
    var pieces: [ArraySlice<UInt8>] {
        var state = reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var rest = self[...]
        var pieces: [ArraySlice<UInt8>] = []
        while !rest.isEmpty {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let count = Swift.min(rest.count, 1 + Int(state >> 33) % 23)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    /// What stands before the first NUL, and what behind it: for targets that take two texts.
    var halves: (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        guard let end = firstIndex(of: 0) else { return (self[...], []) }
        return (self[..<end], self[(end + 1)...])
    }
}
