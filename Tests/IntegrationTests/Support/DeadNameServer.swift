import Glibc
import Testing

/// A name server that takes questions and does not answer, until the test lets it.
final class DeadNameServer {
    private let descriptor: Int32
    private var asked: [(question: [UInt8], from: sockaddr_in)] = []

    /// Whether this process may do what that takes.
    static let isPossible: Bool = {
        let mounted = try? ChildProcess(
            ["unshare", "--mount", "mount", "--bind", "/etc/hosts", "/etc/resolv.conf"],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], files: [2: ("/dev/null", O_WRONLY)]
        ).wait()
        guard mounted == .code(0), let (descriptor, _) = try? socket() else { return false }
        close(descriptor)
        return true
    }()

    /// Has xpmd, which does not run yet, started where this is the only name server, with `hosts` as the machine's own names.
    init(for xpmd: Instance, hosts: String = "127.0.0.1 localhost\n") throws {
        let (descriptor, address) = try Self.socket()
        self.descriptor = descriptor
        // Longer than any test: a lookup never ends by itself.
        let resolver = try xpmd.scratch.file(
            "resolv.conf", "nameserver \(address)\noptions timeout:30 attempts:5\n", mode: 0o644)
        let hosts = try xpmd.scratch.file("hosts", hosts, mode: 0o644)
        let switches = try xpmd.scratch.file("nsswitch.conf", "hosts: files dns\n", mode: 0o644)
        xpmd.program = try xpmd.scratch.file(
            "xpmd",
            """
            #!/bin/sh
            exec unshare --mount sh -c 'mount --bind \(resolver) /etc/resolv.conf &&
                mount --bind \(hosts) /etc/hosts &&
                { [ ! -e /etc/nsswitch.conf ] || mount --bind \(switches) /etc/nsswitch.conf; } &&
                exec \(Binaries.xpmd) "$@"' xpmd "$@"

            """, mode: 0o700)
        xpmd.keep(self)
    }

    deinit { close(descriptor) }

    /// Waits until it was asked for each of some names, for both kinds of addresses.
    func await(_ names: [String]) throws {
        while let name = names.first(where: { name in asked.count { Self.name(in: $0.question) == name } < 2 }) {
            guard try isReadable(descriptor, within: patience) else {
                throw TestFailure("waited in vain for questions for \(name)")
            }
            var packet = [UInt8](repeating: 0, count: 512)
            var from = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &from) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &packet, packet.count, 0, $0, &length)
                }
            }
            guard count > 12 else { continue }
            asked.append((Array(packet[..<count]), from))
        }
    }

    /// Answers what it was asked for so far: each name is 127.0.0.1.
    func answer() throws {
        for (question, from) in asked {
            let end = 12 + Self.name(in: question).utf8.count + 2
            let isForIPv4 = question[end + 1] == 1
            // Its id; an answer, with recursion; one question, and one record or none.
            var bytes = Array(question[..<2])
            bytes += [0x81, 0x80, 0, 1, 0, isForIPv4 ? 1 : 0, 0, 0, 0, 0]
            bytes += question[12..<end + 4]
            if isForIPv4 { bytes += [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1] }
            let sent = withUnsafePointer(to: from) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard sent == bytes.count else { throw TestFailure(cannot: "answer") }
        }
        asked = []
    }

    private static func name(in packet: [UInt8]) -> String {
        var labels: [String] = []
        var place = 12
        while place < packet.count, packet[place] > 0, place + Int(packet[place]) < packet.count {
            labels.append(String(decoding: packet[place + 1...place + Int(packet[place])], as: UTF8.self))
            place += Int(packet[place]) + 1
        }
        return labels.joined(separator: ".")
    }

    /// A socket at port 53 of a loopback address that no other test has.
    private static func socket() throws -> (descriptor: Int32, address: String) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        for last in 1...250 {
            let text = "127.77.53.\(last)"
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(53).bigEndian
            inet_pton(AF_INET, text, &address.sin_addr)
            let bound = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if bound == 0 { return (descriptor, text) }
            guard errno == EADDRINUSE else { break }
        }
        let cause = errno
        close(descriptor)
        throw TestFailure(cannot: "be a name server", errno: cause)
    }
}
