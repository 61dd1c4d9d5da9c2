import CLinux
import Glibc

/// What a service with a network of its own is run by: it makes the network, leaves a relay in it, and becomes the service.
///
///     xpm-keeper private /run/relay/7=8888 /run/relay/7.metrics=9000 -- COMMAND ARGUMENT…
///
/// That it is a program between keeper and service, and no part of the spawning, keeps all of that out of the way of other services.
public enum PrivateNetwork {
    static let verb = "private"
    /// What the relay's process is called: it is none that a service has left behind.
    public static let relayName = "xpm-relay"

    /// Where connections are taken, and to which port they are passed on.
    public struct Passage: Hashable, Sendable {
        public var path: String
        public var port: UInt16

        /// From the Unix socket `path` to `port`.
        public init(path: String, port: UInt16) {
            self.path = path
            self.port = port
        }
    }

    /// The command that runs `arguments` in a network of its own.
    public static func command(keeper: String, _ passages: [Passage], _ arguments: [String]) -> [String] {
        [keeper, verb] + passages.map { "\($0.path)=\($0.port)" } + ["--"] + arguments
    }

    /// Does not return where the service begins.
    static func run(_ words: [String]) -> Int32 {
        guard let end = words.firstIndex(of: "--"), end + 1 < words.count,
            let passages = passages(words[..<end])
        else {
            KeeperLog.write("usage: xpm-keeper \(verb) SOCKET=PORT… -- COMMAND ARGUMENT…")
            return 64
        }
        guard xpm_enter_private_network() == 0 else {
            KeeperLog.write("cannot make a private network: \(cause(errno))")
            return 71
        }
        do {
            try leaveRelay(passages)
        } catch {
            KeeperLog.write("cannot make the way into its private network: \(error)")
            return 71
        }
        let command = Array(words[(end + 1)...])
        guard let arguments = CStrings(command) else { return 126 }
        withExtendedLifetime(arguments) { _ = execv(command[0], arguments.pointers) }
        KeeperLog.write("cannot run \(command[0]): \(String(cString: strerror(errno)))")
        return errno == ENOENT ? 127 : 126
    }

    private static func passages(_ words: ArraySlice<String>) -> [Passage]? {
        var passages: [Passage] = []
        for word in words {
            guard let equals = word.lastIndex(of: "="), let port = UInt16(word[word.index(after: equals)...]) else {
                return nil
            }
            passages.append(Passage(path: String(word[..<equals]), port: port))
        }
        return passages
    }

    /// The sockets are there before the service is: who knows of it finds them.
    private static func leaveRelay(_ passages: [Passage]) throws(KeeperFailure) {
        guard !passages.isEmpty else { return }
        let service = xpm_pidfd_open(getpid())
        guard service >= 0 else { throw KeeperFailure(cannot: "watch the service", errno) }
        let own = Descriptor(service)
        var listeners: [(Descriptor, UInt16)] = []
        for passage in passages { listeners.append((try listen(passage.path), passage.port)) }
        switch xpm_beget() {
        case 1:
            Relay.run(service: own, listeners.map { ($0.0, $0.1) }, unlinking: passages.map(\.path))
        case 0: withExtendedLifetime((own, listeners)) {}
        default: throw KeeperFailure(cannot: "start the relay", errno)
        }
    }

    private static func listen(_ path: String) throws(KeeperFailure) -> Descriptor {
        do throws(KeeperLaunchError) {
            let address = try UnixAddress(path)
            let socket = try address.socket(for: path)
            // Of an attempt of that number before the machine was restarted.
            unlink(path)
            let mask = umask(0o177)
            defer { umask(mask) }
            guard address.withPointer({ bind(socket.number, $0, $1) }) == 0, Glibc.listen(socket.number, 512) == 0
            else { throw KeeperLaunchError.notBound(path, errno) }
            return socket
        } catch {
            throw KeeperFailure(cannot: "listen at \(path)", because: "\(error)")
        }
    }

    private static func cause(_ number: Int32) -> String {
        let text = String(cString: strerror(number))
        guard let setting = forbidding else {
            return number == EPERM || number == ENOSPC
                ? "\(text); user namespaces are not allowed here, as in many containers" : text
        }
        return "\(text); user namespaces are forbidden here: \(setting)"
    }

    /// The setting of the kernel by which user namespaces are forbidden, with its value and what it would have to be; nil where none
    /// is known to do that.
    public static var forbidding: String? {
        for (name, forbids, wanted) in [
            ("user.max_user_namespaces", "0", "larger"), ("user.max_net_namespaces", "0", "larger"),
            ("kernel.unprivileged_userns_clone", "0", "1"), ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
        ] {
            let path = "/proc/sys/\(name.replacingDot)"
            guard let value = ProcessFiles.lines(of: path, while: { _ in true }).first else { continue }
            let text = String(decoding: value, as: UTF8.self)
            if text == forbids { return "the sysctl \(name) is \(text), and has to be \(wanted)" }
        }
        return nil
    }
}

extension String {
    /// A sysctl's name as a path.
    fileprivate var replacingDot: String { String(map { $0 == "." ? "/" : $0 }) }
}
