/// When a log goes on in a new file, and how many old ones are kept.
public struct RotationPolicy: Equatable, Sendable {
    /// In bytes; 0 for no limit. A file gets longer by the rest of a line.
    public var size: UInt64
    /// In seconds since the file was made; 0 for no limit. Looked at when something is written.
    public var age: UInt64
    /// Rotated files that are kept, the newest ones; 0 keeps none, the maximum keeps all.
    public var count: UInt32
    /// Each attempt begins with an empty file. The one before it is kept until the next rotation, whatever `count` is.
    public var rotatesAtStart: Bool

    /// A policy of these limits.
    public init(size: UInt64, age: UInt64, count: UInt32, rotatesAtStart: Bool = false) {
        self.size = size
        self.age = age
        self.count = count
        self.rotatesAtStart = rotatesAtStart
    }

    /// One file that grows.
    public static let none = RotationPolicy(size: 0, age: 0, count: .max)

    /// By how much a file may get longer than `size` before a line is cut.
    static let longestLine: UInt64 = 4 << 20
}
