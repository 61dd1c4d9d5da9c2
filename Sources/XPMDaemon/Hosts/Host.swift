import XPMControl
import XPMProtocol
import XPMSupervision

/// A client whose process services live in, by the connection on which it added them.
final class Host {
    let connection: any ReplyChannel
    /// Nil where the kernel does not tell, as of a process in a container.
    let process: ProcessIdentity?

    init(_ connection: any ReplyChannel) {
        self.connection = connection
        process = connection.peerPID.flatMap(ProcessIdentity.init)
    }

    /// `process 4711`, for sentences.
    var name: String { process.map { "process \($0.pid)" } ?? "an unknown process" }
}

extension ServiceEntry {
    /// Whether it lives in the process of a client.
    var isHosted: Bool { definition.run == .hosted }

    /// The process that it lives in, as far as is known, for sentences.
    var hostName: String {
        host?.name ?? runtime.host.map { "process \($0.pid)" } ?? runtime.pid.map { "process \($0)" } ?? "its process"
    }

    /// What a hosted service waits for from its host.
    func waitingForHost(_ verb: String) -> String {
        host == nil ? "\(hostName) to reconnect" : "\(hostName) to \(verb)"
    }

    /// Refuses a start where there is nobody to be asked.
    func requireHost() throws(WireError) {
        guard host == nil, !awaitsHost else { return }
        throw WireError(
            .hostGone,
            "cannot start \(identity.fullName): the process that it runs in is not connected",
            data: ["name": .string(identity.fullName)])
    }

    /// What its host is to be asked for, as its phase stands; nil where nothing of it may live.
    var hostRequest: (method: HostRequest.Method, force: Bool)? {
        switch machine.phase {
        case .idle(_, nil), .retrying(_, nil), .starting(_, .queued): nil
        case .starting(_, .spawning), .starting(_, .probing), .running, .stopping(_, .held, _, _),
            .stopping(_, .leaving, _, _):
            (.start, false)
        case .stopping(_, .terminating, _, _): (.stop, false)
        case .stopping(_, .killing, _, _), .starting(_, .clearing), .idle(_, _?), .retrying(_, _?): (.stop, true)
        }
    }
}
