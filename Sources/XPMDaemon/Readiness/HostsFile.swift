import Glibc
import NIOCore

/// The machine's own list of names, `/etc/hosts`, which no name server is needed for.
///
/// The system looks into it first, too, unless `nsswitch.conf` says otherwise; then nothing is found here, and the system is asked.
enum HostsFile {
    /// What is behind that is the system's to find.
    private static let limit = 1 << 20

    /// The addresses that a name has there; nil where it has none. Blocks: for a worker thread.
    @Sendable static func answer(for name: String) -> NameAnswer? {
        guard comesFirst(in: read("/etc/nsswitch.conf")) else { return nil }
        let addresses = addresses(of: name, in: read("/etc/hosts"))
        return addresses.isEmpty ? nil : .addresses(addresses)
    }

    /// The addresses of a name in a file of hosts, IPv4 and IPv6, in its order.
    static func addresses(of name: String, in file: [UInt8]) -> [SocketAddress] {
        let wanted = name.utf8.map(lowercased)
        var found: [SocketAddress] = []
        for line in file.split(separator: UInt8(ascii: "\n")) {
            let words = words(in: line)
            guard words.dropFirst().contains(where: { $0.lazy.map(lowercased).elementsEqual(wanted) }),
                let address = words.first.flatMap({ SocketAddress.literal(String(decoding: $0, as: UTF8.self)) })
            else { continue }
            found.append(address)
            if found.count == NameAnswer.most { break }
        }
        return found
    }

    /// Whether the system asks its own files before anything else.
    static func comesFirst(in switches: [UInt8]) -> Bool {
        for line in switches.split(separator: UInt8(ascii: "\n")) {
            let words = words(in: line).map { String(decoding: $0, as: UTF8.self) }
            guard let first = words.first, first.hasPrefix("hosts:") else { continue }
            let source = first == "hosts:" ? words.dropFirst().first : String(first.dropFirst("hosts:".count))
            return source == "files"
        }
        // As glibc does where it is told nothing.
        return true
    }

    private static func words(in line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.prefix { $0 != UInt8(ascii: "#") }.split {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 13
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }

    /// Whole lines from its beginning; empty where there are none to be had.
    private static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < limit {
            let count = Glibc.read(file, &piece, piece.count)
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
        }
        return Array(bytes[..<(bytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0)])
    }
}
