@testable import XPMCommands
@testable import XPMDaemon

extension FuzzTarget {
    /// What a service writes to its terminal, as it is looked through for readiness and as it is shown.
    static let escapes = FuzzTarget(name: "escapes") { bytes in
        let seen = lines(of: bytes[...])
        try require(seen.joined().count <= bytes.count, "nothing is added")
        for line in seen {
            let hasControls = String(decoding: line, as: UTF8.self).unicodeScalars.contains {
                $0.properties.generalCategory == .control && $0 != "\t"
            }
            try require(!hasControls, "no control character is left")
        }
        let isEnd = { (byte: UInt8) in byte == 0x0A || byte == 0x0D }
        let alone = bytes.split(omittingEmptySubsequences: false, whereSeparator: isEnd).map { lines(of: $0)[0] }
        try require(alone == seen, "a line hides nothing of the next")
        let shown = sanitized([bytes[...]])
        try require(
            !shown.unicodeScalars.contains {
                $0.properties.generalCategory == .control && !"\n\t\u{1b}".unicodeScalars.contains($0)
            },
            "nothing but colours reaches the terminal")
    }

    private static func lines(of bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var filter = EscapeFilter()
        var lines: [[UInt8]] = [[]]
        for byte in bytes {
            switch filter.take(byte) {
            case .nothing: break
            case .byte(let byte): lines[lines.count - 1].append(byte)
            case .bytes(let first, let second): lines[lines.count - 1] += [first, second]
            case .lineEnd: lines.append([])
            }
        }
        return lines
    }

    private static func sanitized(_ pieces: [ArraySlice<UInt8>]) -> String {
        var sanitizer = LogSanitizer()
        return pieces.map { sanitizer.clean(String(decoding: $0, as: UTF8.self)) }.joined() + sanitizer.finish()
    }
}
