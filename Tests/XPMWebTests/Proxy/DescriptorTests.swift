import Glibc
import Testing

@testable import XPMWeb

/// The engine in a process of its own that has few descriptors.
@Suite struct DescriptorTests {
    private static let hang = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Answers GET, and nothing else.
    private func backend() throws -> ScriptedBackend {
        try ScriptedBackend { connection, _ in
            while true {
                let head = connection.readHead()
                guard head.hasSuffix("\r\n\r\n") else { break }
                if head.hasPrefix("GET") { connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
            }
            connection.close()
        }
    }

    @Test func withoutDescriptorsNothingSpinsAndThoseWhoWaitAreServedLater() throws {
        let backend = try backend()
        // Five are its own, and each client that it is busy with takes two.
        let proxy = try ProxyProcess(to: backend.address, descriptors: 15)
        defer {
            proxy.close()
            backend.close()
        }
        let busy = try proxy.connect()
        busy.send(Self.request)
        #expect(busy.readHead().hasPrefix("HTTP/1.1 200"))
        #expect(busy.readText(2) == "ok")
        busy.send(Self.hang)
        let hanging = try (0..<4).map { _ in
            let client = try proxy.connect()
            client.send(Self.hang)
            return client
        }
        while proxy.openDescriptors < 15 {}
        let before = proxy.ticks
        let waiting = try proxy.connect()
        waiting.send(Self.request)
        // That there may be more now is nothing that it hears of: it looks once a second.
        #expect(proxy.raise(to: 200))
        #expect(waiting.readHead().hasPrefix("HTTP/1.1 200"))
        #expect(proxy.ticks - before < 30)
        withExtendedLifetime(hanging) {}
    }

    @Test func aFloodOfHalfHeadsMakesRoomForWhoAsks() throws {
        let backend = try backend()
        let proxy = try ProxyProcess(to: backend.address, descriptors: 16)
        defer {
            proxy.close()
            backend.close()
        }
        let flood = try (0..<100).map { _ in
            let client = try proxy.connect()
            client.send("GET / HT")
            return client
        }
        let client = try proxy.connect()
        client.send(Self.request)
        #expect(client.readHead().hasPrefix("HTTP/1.1 200"))
        withExtendedLifetime(flood) {}
    }
}

/// `web-bench` with a limit of descriptors.
final class ProxyProcess {
    private let pid: pid_t
    private let address: SocketAddress

    init(to backend: BackendAddress, descriptors: Int) throws {
        guard case .ipv4(let backendPort) = backend else { throw SystemError("start", EINVAL) }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemError("make a pipe") }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        let output = RawPipe(ends[0])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let script = """
            for fd in /proc/self/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done 2>/dev/null
            ulimit -S -n \(descriptors); exec "$0" 0 \(backendPort)
            """
        let arguments = (["bash", "-c", script, Self.program] as [String]).map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, "bash", &actions, nil, arguments, environ)
        _ = Glibc.close(ends[1])
        guard code == 0 else { throw SystemError("start bash", code) }
        self.pid = pid
        guard let port = UInt16(output.line()) else { throw SystemError("start web-bench", 0) }
        address = .ipv4(port: port)
    }

    private static let program: String = {
        let folder = getenv("XPM_TEST_BIN").map { String(cString: $0) }
        guard folder == nil, let bundle = realpath("/proc/self/exe", nil) else { return (folder ?? ".") + "/web-bench" }
        defer { free(bundle) }
        let path = String(cString: bundle)
        return (path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".") + "/web-bench"
    }()

    func connect() throws -> RawSocket { try RawSocket(address) }

    /// Hundredths of a second of processor time.
    var ticks: Int {
        let fields = Self.read("/proc/\(pid)/stat").split(separator: " ")
        return fields.count > 14 ? (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0) : .max
    }

    var openDescriptors: Int {
        guard let folder = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(folder) }
        var count = -2
        while readdir(folder) != nil { count += 1 }
        return count
    }

    func raise(to descriptors: Int) -> Bool {
        system("prlimit --pid \(pid) --nofile=\(descriptors):") == 0
    }

    func close() {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

/// The end of a pipe to read from.
private final class RawPipe {
    private let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    func line() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != 10 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
