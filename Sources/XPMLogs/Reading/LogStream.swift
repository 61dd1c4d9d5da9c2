/// One of the two streams that a service writes.
public enum LogStream: UInt8, CaseIterable, Hashable, Sendable, Comparable {
    case stdout, stderr

    public static func < (left: LogStream, right: LogStream) -> Bool { left.rawValue < right.rawValue }

    /// The other one.
    public var other: LogStream { self == .stdout ? .stderr : .stdout }
}
