/// Numbers of signals on Linux.
package enum SignalNumber {
    /// The last real-time signal.
    package static let last: Int32 = 64
}
