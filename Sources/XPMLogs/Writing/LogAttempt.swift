/// An attempt whose output a log has.
struct LogAttempt: Equatable, Sendable {
    /// 0 for none that is known: what is written belongs to the one before.
    var number: UInt64
    /// Wall clock, µs since 1970.
    var began: Int64

    static let unknown = LogAttempt(number: 0, began: 0)
}
