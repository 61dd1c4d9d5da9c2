import XPMProtocol
import XPMTemplates

/// What clients want of the web page, and with what it was started last; saved with its service.
struct WebWish: Codable, Hashable {
    /// Whether a client has started it, and none has stopped it since.
    var isAsked: Bool?
    /// The boot of the machine on which a client has stopped it; forgotten with `daemon.stop`. Until then `enabled` does not count: a crash
    /// or an upgrade of xpmd starts nothing that was stopped.
    var stoppedOn: String?
    var listen: String?
    var port: Int?
    var pathMode: Bool?

    /// The settings that it was started with last; nil for never.
    var settings: WebSettings? {
        get {
            guard let listen else { return nil }
            var settings = WebSettings()
            (settings.listen, settings.port, settings.pathMode) = (listen, port, pathMode ?? false)
            return settings
        }
        set { (listen, port, pathMode) = (newValue?.listen, newValue?.port, newValue?.pathMode) }
    }

    /// Whether an xpmd that begins on this boot starts it.
    func isStarted(enabled: Bool, on boot: String) -> Bool { isAsked == true || enabled && stoppedOn != boot }
}
