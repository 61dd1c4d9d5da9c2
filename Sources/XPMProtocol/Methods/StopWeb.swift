/// Stops the web page; it is not started again until a client starts it, or an xpmd with `enabled` in its settings does.
public struct StopWeb: Method {
    public static let name = "web.stop"

    /// Stops the web page.
    public init() {}

    public typealias Reply = WebRecord
}
