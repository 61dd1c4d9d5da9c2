/// A request of the protocol: the value is its parameters, the type knows its name and its reply.
///
/// The wire's name is also the verb of xpmctl and the method of the client: `service.start`, `xpmctl start`, `client.start`.
public protocol Method: Codable, Sendable, Hashable {
    /// What the daemon answers.
    associatedtype Reply: Codable & Sendable & Hashable
    /// The name on the wire, `noun.verb`.
    static var name: String { get }
    /// Whether it may simply be asked again where nobody knows if it was carried out.
    static var isRepeatable: Bool { get }
    /// Whether it changes nothing, so that nobody misses it where nobody gets the answer.
    static var isQuestion: Bool { get }
}

extension Method {
    /// Most may.
    public static var isRepeatable: Bool { true }
    /// Most change something.
    public static var isQuestion: Bool { false }
}

/// The reply of methods that have nothing to say.
public struct Empty: Codable, Hashable, Sendable {
    /// Nothing.
    public init() {}
}
