import Glibc
import XPMClient

/// Copies by way of the terminal (OSC 52), which is where the user is, also over SSH.
enum Clipboard {
    /// More than this some terminals drop without a word.
    static let limit = 74_000

    /// Copies `text`, or puts what is too long into a file; what to tell of it.
    static func copy(_ text: String, to screen: Screen, _ environment: [String: String]) -> Notice {
        guard text.utf8.count * 4 / 3 + 4 <= limit else { return keep(text, environment) }
        screen.write(sequence(text))
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        return Notice(text: lines == 1 ? "copied: \(text)" : "copied \(lines) lines")
    }

    static func sequence(_ text: String) -> String { "\u{1b}]52;c;\(base64(Array(text.utf8)))\u{7}" }

    /// Writes `text` into a new file of the user's alone; its path, or why there is none.
    static func file(_ text: String, _ environment: [String: String]) -> Result<String, Fault> {
        let folder = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var path = Array("\(folder)/xpm-copy-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        let name = String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard file >= 0 else { return .failure(Fault(name)) }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return .failure(Fault(name)) }
            rest = rest.dropFirst(max(count, 0))
        }
        return .success(name)
    }

    /// A file that could not be written.
    struct Fault: Error {
        var message: String
        fileprivate init(_ name: String) { message = "cannot write \(name): \(String(cString: strerror(errno)))" }
    }

    private static func keep(_ text: String, _ environment: [String: String]) -> Notice {
        switch file(text, environment) {
        case .success(let name): Notice(text: "too long for the clipboard; it is in \(name)")
        case .failure(let fault): Notice(text: fault.message, isFailure: true)
        }
    }

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func base64(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = 0
            for index in 0..<3 { bits = bits << 8 | Int(start + index < bytes.count ? bytes[start + index] : 0) }
            for index in 0..<4 {
                result.append(index <= group.count ? digits[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
