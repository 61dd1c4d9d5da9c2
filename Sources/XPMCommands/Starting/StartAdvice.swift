import XPMProtocol

/// What one can do about a service that did not come to run, where the reason tells.
enum StartAdvice {
    static func hint(for service: ServiceRecord) -> String? {
        guard service.state == .error else { return nil }
        if let error = service.error, error.contains(" is in use by ") { return port(service, error) }
        if service.exit?.code == 0 {
            return "if the command goes to the background, run it in the foreground "
                + "(nginx -g 'daemon off;', redis-server --daemonize no)"
        }
        return nil
    }

    /// Another process has the port: one that the service was given, or one that its own definition names.
    private static func port(_ service: ServiceRecord, _ error: String) -> String {
        var ways = ["stop that process"]
        let isOwn = service.port.map { error.contains("port \($0) is in use by ") } ?? false
        if isOwn {
            let start = service.template.map { template in
                let name = template == service.identity.id ? "" : " --name \(ShellWord.quoted(service.identity.id))"
                return "`xpmctl start \(ShellWord.quoted(template))\(name)`"
            }
            ways.append("choose another port with --port of \(start ?? "`xpmctl add`")")
        } else if service.template == nil {
            ways.append("add the service with another address in its command and checks")
        }
        // A start that was refused for the service's own port had no check yet.
        if service.template == nil, !isOwn || service.exit != nil {
            ways.append("if that process belongs to the service, add it with --ready-any-listener")
        }
        return ways.joined(separator: "; ")
    }
}
