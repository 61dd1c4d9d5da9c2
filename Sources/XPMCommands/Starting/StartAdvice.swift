import XPMProtocol

/// What one can do about a service that did not come to run, where the reason tells.
enum StartAdvice {
    static func hint(for service: ServiceRecord) -> String? {
        guard service.state == .error else { return nil }
        if service.error?.contains(" is in use by ") == true {
            return
                "stop the process that uses the port, or choose another port with --port; --ready-any-listener accepts any process"
        }
        if service.exit?.code == 0 {
            return "the command went to the background; run it in the foreground "
                + "(nginx -g 'daemon off;', redis-server --daemonize no)"
        }
        return nil
    }
}
