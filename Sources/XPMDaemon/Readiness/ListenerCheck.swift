import Glibc
import NIOCore
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
        /// Nothing can be looked into, for want of descriptors or memory; an error of open(2).
        case unseen(Int32)
    }

    /// Looks at who accepted a connection; `done` is called once, on the loop, with what that makes of a probe that was
    /// answered.
    func check(_ channel: any Channel, done: @escaping (ProbeOutcome) -> Void) {
        if case .unixDomainSocket = channel.remoteAddress { return checkPeer(of: channel, done: done) }
        check(channel.localAddress, to: channel.remoteAddress, done: done)
    }

    /// The same for a connection that may be over.
    func check(_ local: SocketAddress?, to remote: SocketAddress?, done: @escaping (ProbeOutcome) -> Void) {
        // A connection to an address of this machine comes from that address.
        guard let address = remote?.ipAddress, let port = remote?.port,
            address == local?.ipAddress || LocalHost.isLoopback(address)
        else { return done(.passed) }
        checkPort(port, at: address, done: done)
    }

    private func checkPort(_ port: Int, at address: String, done: @escaping (ProbeOutcome) -> Void) {
        let (processes, own, known) = (processes, own, foreign?.sockets)
        let look = { @Sendable () -> (Set<UInt64>, Finding?) in
            let listeners = TCPListener.at(address, port: port)
            let sockets = Set(listeners.map(\.inode))
            guard processes.isAlive else { return (sockets, Self.death) }
            if !sockets.isDisjoint(with: own) { return (sockets, .service) }
            if !sockets.isEmpty, sockets == known { return (sockets, nil) }
            return (sockets, Self.find(sockets, Set(listeners.map(\.user)), processes))
        }
        Workers.system.run(.object(ObjectIdentifier(self)), on: loop, look).assumeIsolated()
            .whenComplete { [self] result in
                guard case .success((let sockets, let finding)) = result else { return done(.passed) }
                guard let finding else { return done(foreign.map { .failed($0.fault) } ?? .passed) }
                let outcome = judge(finding, "port \(port)")
                if case .service = finding { self.own.formUnion(sockets) }
                if case .stranger = finding, case .failed(let fault) = outcome { foreign = (sockets, fault) }
                done(outcome)
            }
    }

    /// The listener of a Unix socket is known by the connection itself.
    private func checkPeer(of channel: any Channel, done: @escaping (ProbeOutcome) -> Void) {
        guard let options = channel as? any SocketOptionProvider else { return done(.passed) }
        let path = channel.remoteAddress?.pathname ?? "its socket"
        let credentials: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        let (processes, key) = (processes, Workers.Key.object(ObjectIdentifier(self)))
        credentials.flatMap { [loop] peer in
            Workers.system.run(key, on: loop) { () -> Finding in
                guard processes.isAlive else { return Self.death }
                // Gone since it began to listen, or in another PID namespace: its children have the socket.
                guard let holder = SocketHolder(pid: peer.pid) else { return .unknown(users: []) }
                return processes.contains(holder) ? .service : Self.stranger(holder)
            }
        }.assumeIsolated().whenComplete { [self] result in
            guard case .success(let finding) = result else { return done(.passed) }
            done(judge(finding, path))
        }
    }

    /// Blocks: for a worker thread.
    private static func find(_ sockets: Set<UInt64>, _ users: Set<UInt32>, _ processes: AttemptProcesses) -> Finding {
        guard !sockets.isEmpty else { return .unknown(users: []) }
        if processes.have(sockets) { return .service }
        let holders = SocketHolder.all(of: sockets)
        if holders.contains(where: processes.contains) { return .service }
        return holders.first.map(stranger) ?? .unknown(users: users)
    }

    /// A process that cannot be looked into seems to have ended.
    private static var death: Finding { Shortage.current.map(Finding.unseen) ?? .dead }

    /// One that cannot be looked into seems to be none of the service's.
    private static func stranger(_ holder: SocketHolder) -> Finding {
        Shortage.current.map(Finding.unseen) ?? .stranger(holder)
    }

    private func judge(_ finding: Finding, _ place: String) -> ProbeOutcome {
        switch finding {
        case .dead: return .failed("its process has ended")
        case .unseen(let code):
            return .notMade("xpmd cannot find out who answers: \(String(cString: strerror(code)))")
        case .service: return .passed
        case .unknown(let users):
            for user in users.sorted() where user != geteuid() {
                note("\(place) is in use by a process of user \(UserName.of(user)), which xpmd cannot inspect")
            }
            return .passed
        case .stranger(let holder) where Self.forwarders.contains(holder.name):
            note("\(place) is forwarded by \(named(holder))")
            return .passed
        case .stranger(let holder): return .failed("\(place) is in use by \(named(holder))")
        }
    }
}

/// The kernel's `struct ucred`, which Glibc's module hides.
private struct PeerCredentials: Sendable {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
}
