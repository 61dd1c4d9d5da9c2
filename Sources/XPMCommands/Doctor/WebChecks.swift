import XPMProtocol

/// The web page, its port, and the names of its services.
enum WebChecks {
    /// Whether the port could be had.
    enum Port: Equatable {
        case free
        case taken
        /// A number is chosen when the page first runs.
        case none
    }

    static func page(_ web: WebRecord?, kept: Int?, _ port: Port) -> Finding {
        let name = "web page"
        guard let web, web.state != .stopped else {
            guard let kept, port == .taken else {
                return .ok(name, kept.map { "it is off; port \($0) is free" } ?? "it is off")
            }
            return .note(
                name, "it is off, and another program uses its port \(kept)",
                "`ss -ltnp 'sport = :\(kept)'` shows which; or set another `port` in [web] of config.toml")
        }
        if web.state == .error {
            return .fault(
                name, web.error ?? "it does not run", "see its log; `xpmctl web --status` shows how it goes on")
        }
        if web.isOutdated {
            return .note(
                name, "another xpm-web is installed than the one that runs", "`xpmctl web --off`, then `xpmctl web`")
        }
        return .ok(name, [web.state.rawValue, web.url ?? web.listen].joined(separator: ", "))
    }

    /// A name that no file of hosts has.
    static let probe = "xpmd-doctor.localhost"

    static func names(_ trial: Trial.Outcome) -> Finding {
        let name = "localhost names"
        let remedy = "for other programs, install libnss-myhostname, or use systemd-resolved"
        let need = "browsers find the services' addresses by themselves, other programs may not"
        switch trial {
        case .ended(0, let text):
            let addresses = text.split(separator: "\n").compactMap { $0.split(separator: " ").first }
            guard addresses.allSatisfy({ $0 == "::1" || $0.hasPrefix("127.") }), !addresses.isEmpty else {
                return .note(name, "*.localhost leads to \(addresses.first ?? "nowhere"); \(need)", remedy)
            }
            return .ok(name, "*.localhost is this machine")
        case .ended: return .note(name, "*.localhost is not known here; \(need)", remedy)
        case .tookTooLong: return .note(name, "the name server does not answer; \(need)", remedy)
        case .missing: return .note(name, "`getent` is not installed, so it was not tried")
        }
    }
}
