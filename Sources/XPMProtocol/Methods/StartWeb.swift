/// Starts the web page, now and with each xpmd from now on; nothing changes where it runs already.
public struct StartWeb: Method {
    public static let name = "web.start"

    /// Seconds to wait until it is RUNNING or has failed (default: 0).
    public var waitSeconds: Double?

    /// Starts the web page.
    public init(waitSeconds: Double? = nil) { self.waitSeconds = waitSeconds }

    public typealias Reply = WebRecord

    private enum CodingKeys: String, CodingKey { case waitSeconds = "wait_s" }
}
