import XPMProtocol

/// One thing to look at for readiness or health, checked.
enum ProbePlan: Hashable, Sendable {
    /// A page; without an address of its own at the service's URL, with `path` in place of that URL's.
    case page(url: String?, path: String?, status: Set<Int>?)
    /// Without a host on either loopback address.
    case tcp(host: String?, port: Int)
    /// An absolute path.
    case unix(path: String)
    case command([String])

    /// The probes of a policy in the order in which they are made; `folder` is that of the service.
    static func all(
        http: HTTPProbe?, tcp: TCPProbe?, unix: UnixProbe?, command: CommandProbe?, folder: String
    ) throws(WireError) -> [ProbePlan] {
        var probes: [ProbePlan] = []
        if let http { probes.append(try page(http)) }
        if let tcp {
            let host = tcp.host ?? "localhost"
            guard let port = tcp.port else {
                throw WireError(
                    .invalidParameters, "cannot probe a port of \(Name.quoted(host)): it has no port; give one")
            }
            guard (1...65535).contains(port), !host.isEmpty, !host.utf8.contains(0) else {
                throw WireError(
                    .invalidParameters, "cannot probe port \(port) of \(Name.quoted(host)): there is no such port")
            }
            probes.append(.tcp(host: tcp.host, port: port))
        }
        if let unix {
            let path = unix.path.hasPrefix("/") ? unix.path : "\(folder)/\(unix.path)"
            guard !unix.path.isEmpty else {
                throw WireError(.invalidParameters, "cannot probe a Unix socket: its path is empty")
            }
            try SocketPath.check(path, code: .invalidParameters)
            probes.append(.unix(path: path))
        }
        if let command { probes.append(.command(try ServicePlan.checked(command.arguments, of: "a probe"))) }
        return probes
    }

    /// How many successes in a row are wanted, checked.
    static func successes(_ wish: Int?) throws(WireError) -> Int {
        let number = wish ?? 1
        guard (1...1000).contains(number) else {
            throw WireError(.invalidParameters, "cannot ask for \(number) successes in a row: it must be 1 to 1000")
        }
        return number
    }

    static func page(_ probe: HTTPProbe) throws(WireError) -> ProbePlan {
        if let url = probe.url, ProbeTarget(url) == nil {
            throw WireError(
                .invalidParameters, "cannot probe \(Name.quoted(url)): it is not an http:// or https:// URL")
        }
        if let path = probe.path, !path.hasPrefix("/") || !path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            throw WireError(
                .invalidParameters,
                "cannot probe \(Name.quoted(path)): a path begins with '/' and has no white space or non-ASCII letters")
        }
        return .page(url: probe.url, path: probe.path, status: probe.status.map(Set.init))
    }

    /// Whether it needs to be told the service's URL.
    var needsURL: Bool { if case .page(nil, _, _) = self { true } else { false } }
}
