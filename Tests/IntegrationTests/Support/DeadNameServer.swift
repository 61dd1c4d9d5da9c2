import Glibc
import Testing

/// A name server that takes questions and does not answer, until the test lets it.
final class DeadNameServer {
    private let descriptor: Int32
    private var asked: [(question: [UInt8], from: sockaddr_in)] = []
    private var answerer: ChildProcess?

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

    deinit {
        answerer?.kill()
        close(descriptor)
    }

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

    /// Answers what it was asked for so far and from now on, by a process of its own: each name is 127.0.0.1. Who had stopped waiting just
    /// before an answer came asks again.
    func answer() throws {
        let asked = asked.flatMap { question, from in
            let digits = question.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
            return [digits, String(UInt16(bigEndian: from.sin_port))]
        }
        self.asked = []
        answerer = try ChildProcess(
            ["python3", "-c", Self.answers] + asked, environment: ["PATH": "/usr/bin:/bin"],
            descriptors: [3: descriptor])
    }

    /// Its id; an answer, with recursion; one question, and one record or none.
    private static let answers = """
        import socket, sys
        server = socket.socket(fileno=3)
        server.setblocking(True)
        def answer(question, asker):
            end = question.index(0, 12) + 5
            is_ipv4 = question[end - 3] == 1
            record = bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]) if is_ipv4 else b""
            head = question[:2] + bytes([0x81, 0x80, 0, 1, 0, is_ipv4, 0, 0, 0, 0])
            server.sendto(head + question[12:end] + record, asker)
        for question, port in zip(sys.argv[1::2], sys.argv[2::2]):
            answer(bytes.fromhex(question), ("127.0.0.1", int(port)))
        while True:
            answer(*server.recvfrom(512))
        """

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
