/// How the web page is.
public struct WebStatus: Method {
    public static let name = "web.status"
    public static var isQuestion: Bool { true }

    /// Asks.
    public init() {}

    public typealias Reply = WebRecord
}
