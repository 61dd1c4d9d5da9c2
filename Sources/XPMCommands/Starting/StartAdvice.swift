import XPMProtocol

/// What one can do about a service that did not come to run, where the reason tells.
enum StartAdvice {
    static func hint(for service: ServiceRecord) -> String? {
        guard service.state == .error else { return nil }
        if service.error?.contains(" is in use by ") == true {
            return
                "stop what uses the port, or choose another with --port; --ready-any-listener accepts any process there"
        }
        if service.exit?.code == 0 {
            return "a command that goes to the background ends at once: run it in the foreground "
                + "(nginx -g 'daemon off;', redis-server --daemonize no)"
        }
        return nil
    }
}
