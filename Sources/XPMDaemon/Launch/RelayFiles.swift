import Glibc
import XPMKeeping
import XPMProtocol
import XPMSupervision

/// The Unix sockets by which the ports of private networks are reached, `ATTEMPT` and `ATTEMPT.NAME` in a folder of the runtime folder.
struct RelayFiles {
    let folder: String

    /// The socket of an attempt's own port, or of the named one.
    func path(of attempt: AttemptID, port name: String? = nil) -> String {
        "\(folder)/\(attempt.rawValue)\(name.map { ".\($0)" } ?? "")"
    }

    /// The ways to an attempt's ports; refuses what would have no way.
    func passages(of attempt: AttemptID, _ plan: ServicePlan, port: Int?) throws(WireError) -> [PrivateNetwork.Passage]
    {
        var passages: [PrivateNetwork.Passage] = []
        if let port = port.flatMap(UInt16.init(exactly:)) {
            passages.append(PrivateNetwork.Passage(path: path(of: attempt), port: port))
        }
        for (name, number) in (plan.namedPorts.known ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let port = UInt16(exactly: number) else { continue }
            passages.append(PrivateNetwork.Passage(path: path(of: attempt, port: name), port: port))
        }
        for passage in passages { try SocketPath.check(passage.path, code: .unsupported) }
        if !passages.isEmpty { mkdir(folder, 0o700) }
        return passages
    }

    /// The attempt is over.
    func remove(_ attempt: AttemptID, _ plan: ServicePlan) {
        unlink(path(of: attempt))
        for name in plan.namedPorts.wishes.keys { unlink(path(of: attempt, port: name)) }
    }
}

extension ServicePlan {
    /// Refuses a private network where the kernel is known to forbid it. Reads a few files of the kernel's.
    func checkNetwork(of service: String) throws(WireError) {
        guard isPrivate, geteuid() != 0, let setting = PrivateNetwork.forbidding else { return }
        throw WireError(
            .unsupported,
            "cannot start \(service): a private network needs user namespaces, which are forbidden here: \(setting)")
    }
}

/// How the ports of a service that has a network of its own are probed.
struct PrivatePorts {
    /// The sockets by their ports.
    let sockets: [Int: String]
    /// A process in that network.
    let pid: Int32
}
