import Glibc

/// A socket that accepts connections at an address of this machine, as /proc/net/tcp tells of it.
public struct TCPListener: Hashable, Sendable {
    public var inode: UInt64
    /// Who made it.
    public var user: UInt32

    /// The sockets that a connection to `address`, an IPv4 or IPv6 address, and `port` may come to; none where nothing listens
    /// there, or the kernel does not tell.
    public static func at(_ address: String, port: Int) -> [TCPListener] {
        guard let wanted = Address(address) else { return [] }
        var found: [Address: [TCPListener]] = [:]
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for row in ProcessFiles.lines(of: table, while: isListening).compactMap(Row.init) where row.port == port {
                found[row.address, default: []].append(TCPListener(inode: row.inode, user: row.user))
            }
        }
        // The kernel prefers the most specific one, too.
        return wanted.covering.lazy.compactMap { found[$0] }.first ?? []
    }

    /// Whether anything listens at the port in the network that a process is in, at any of its addresses.
    public static func isAny(inNetworkOf pid: Int32, port: Int) -> Bool {
        ["tcp", "tcp6"].contains { table in
            ProcessFiles.lines(of: "/proc/\(pid)/net/\(table)", while: isListening).compactMap(Row.init)
                .contains { $0.port == port }
        }
    }

    /// Listening sockets come first in the table; a machine may have a million connections.
    private static func isListening(_ line: ArraySlice<UInt8>) -> Bool {
        let state = line.split(separator: UInt8(ascii: " "), maxSplits: 4).dropFirst(3).first.map { Array($0) }
        // The head of the table, LISTEN, and with old kernels SYN_RECV between them.
        return state == Array("st".utf8) || state == Array("0A".utf8) || state == Array("03".utf8)
    }
}

/// An IP address as the kernel's tables have it: 4 or 16 bytes in the order of the network.
private struct Address: Hashable {
    var bytes: [UInt8]

    static let anyIPv4 = Address(bytes: [0, 0, 0, 0])
    static let anyIPv6 = Address(bytes: Array(repeating: 0, count: 16))
    private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]

    init(bytes: [UInt8]) { self.bytes = bytes }

    init?(_ text: String) {
        var storage = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &storage) == 1 {
            bytes = Array(storage[..<4])
        } else if inet_pton(AF_INET6, text, &storage) == 1 {
            bytes = storage.starts(with: Self.mapped) ? Array(storage[12...]) : storage
        } else {
            return nil
        }
    }

    /// The addresses of listeners that take connections to this one, the most specific first.
    var covering: [Address] {
        bytes.count == 4
            ? [self, .anyIPv4, Address(bytes: Self.mapped + bytes), .anyIPv6] : [self, .anyIPv6]
    }
}

/// One line of /proc/net/tcp or tcp6 (proc_net_tcp).
private struct Row {
    var address: Address
    var port: Int
    var user: UInt32
    var inode: UInt64

    init?(_ line: ArraySlice<UInt8>) {
        let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
            let port = Int(fields[1][fields[1].index(after: colon)...], radix: 16),
            let user = UInt32(fields[7]), let inode = UInt64(fields[9])
        else { return nil }
        let digits = Array(fields[1][..<colon])
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        // Words of 32 bits, printed as numbers of the machine.
        for start in stride(from: 0, to: digits.count, by: 8) {
            guard let word = UInt32(String(digits[start..<(start + 8)]), radix: 16) else { return nil }
            withUnsafeBytes(of: word) { bytes += $0 }
        }
        (address, self.port, self.user, self.inode) = (Address(bytes: bytes), port, user, inode)
    }
}
