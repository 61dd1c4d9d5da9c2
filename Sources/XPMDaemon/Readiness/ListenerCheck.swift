import Glibc
import NIOCore
import NIOPosix
import XPMKeeping
import XPMProtocol

/// Whether what answers a probe belongs to the service that is probed, as far as that can be known.
///
/// It can be for addresses of this machine. Another user's process cannot be looked into: it is what a container's port is
/// forwarded by, and is taken, with a note.
final class ListenerCheck {
    /// Programs that hold ports for containers and that are no part of the service's tree.
    private static let forwarders: Set<String> = [
        "docker-proxy", "rootlessport", "rootlesskit", "slirp4netns", "pasta", "pasta.avx2", "passt", "gvproxy",
        "conmon",
    ]

    private let processes: AttemptProcesses
    private let loop: any EventLoop
    private let named: (SocketHolder) -> String
    private let note: (String) -> Void
    /// Sockets that were found to be the service's.
    private var own: Set<UInt64> = []
    /// Sockets that were found to be another's, and whose: a stranger is not looked for again with each probe.
    private var foreign: (sockets: Set<UInt64>, fault: String)?

    /// `named` gives the words for a process; `note` is told what people should know.
    init(
        of processes: AttemptProcesses, loop: any EventLoop, named: @escaping (SocketHolder) -> String,
        note: @escaping (String) -> Void
    ) {
        self.processes = processes
        self.loop = loop
        self.named = named
        self.note = note
    }

    /// That another process answers in the service's place, a clause; nil where none was found.
    var conflict: String? { foreign?.fault }

    /// Who listens where a connection was made to.
    private enum Finding: Sendable {
        case dead
        case service
        case unknown(users: Set<UInt32>)
        case stranger(SocketHolder)
    }

    /// Looks at who accepted a connection; `done` is called once, on the loop, with nil or with why it does not count.
    func check(_ channel: any Channel, done: @escaping (String?) -> Void) {
        if case .unixDomainSocket = channel.remoteAddress { return checkPeer(of: channel, done: done) }
        check(channel.localAddress, to: channel.remoteAddress, done: done)
    }

    /// The same for a connection that may be over.
    func check(_ local: SocketAddress?, to remote: SocketAddress?, done: @escaping (String?) -> Void) {
        // A connection to an address of this machine comes from that address.
        guard let address = remote?.ipAddress, let port = remote?.port,
            address == local?.ipAddress || LocalHost.isLoopback(address)
        else { return done(nil) }
        checkPort(port, at: address, done: done)
    }

    private func checkPort(_ port: Int, at address: String, done: @escaping (String?) -> Void) {
        let (processes, own, known) = (processes, own, foreign?.sockets)
        let look = { @Sendable () -> (Set<UInt64>, Finding?) in
            let listeners = TCPListener.at(address, port: port)
            let sockets = Set(listeners.map(\.inode))
            guard processes.isAlive else { return (sockets, .dead) }
            if !sockets.isDisjoint(with: own) { return (sockets, .service) }
            if !sockets.isEmpty, sockets == known { return (sockets, nil) }
            return (sockets, Self.find(sockets, Set(listeners.map(\.user)), processes))
        }
        NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop, look).assumeIsolated()
            .whenComplete { [self] result in
                guard case .success((let sockets, let finding)) = result else { return done(nil) }
                guard let finding else { return done(foreign?.fault) }
                let fault = judge(finding, "port \(port)")
                if case .service = finding { self.own.formUnion(sockets) }
                if case .stranger = finding, let fault { foreign = (sockets, fault) }
                done(fault)
            }
    }

    /// The listener of a Unix socket is known by the connection itself.
    private func checkPeer(of channel: any Channel, done: @escaping (String?) -> Void) {
        guard let options = channel as? any SocketOptionProvider else { return done(nil) }
        let path = channel.remoteAddress?.pathname ?? "its socket"
        let credentials: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        let processes = processes
        credentials.flatMap { [loop] peer in
            NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: loop) { () -> Finding in
                guard processes.isAlive else { return .dead }
                // Gone since it began to listen, or in another PID namespace: its children have the socket.
                guard let holder = SocketHolder(pid: peer.pid) else { return .unknown(users: []) }
                return processes.contains(holder) ? .service : .stranger(holder)
            }
        }.assumeIsolated().whenComplete { [self] result in
            guard case .success(let finding) = result else { return done(nil) }
            done(judge(finding, path))
        }
    }

    /// Blocks: for a worker thread.
    private static func find(_ sockets: Set<UInt64>, _ users: Set<UInt32>, _ processes: AttemptProcesses) -> Finding {
        guard !sockets.isEmpty else { return .unknown(users: []) }
        if processes.have(sockets) { return .service }
        let holders = SocketHolder.all(of: sockets)
        if holders.contains(where: processes.contains) { return .service }
        return holders.first.map(Finding.stranger) ?? .unknown(users: users)
    }

    private func judge(_ finding: Finding, _ place: String) -> String? {
        switch finding {
        case .dead: return "its process has ended"
        case .service: return nil
        case .unknown(let users):
            for user in users.sorted() where user != geteuid() {
                note("\(place) is held by a process of user \(UserName.of(user)), which xpmd cannot look into")
            }
            return nil
        case .stranger(let holder) where Self.forwarders.contains(holder.name):
            note("\(place) is forwarded by \(named(holder))")
            return nil
        case .stranger(let holder): return "\(place) is in use by \(named(holder))"
        }
    }
}

/// The kernel's `struct ucred`, which Glibc's module hides.
private struct PeerCredentials: Sendable {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
}
