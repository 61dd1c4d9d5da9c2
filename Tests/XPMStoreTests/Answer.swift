import Dispatch
import Synchronization

/// Hands one value from a callback to the test that waits for it.
final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let given = DispatchSemaphore(value: 0)

    func give(_ value: Value) {
        self.value.withLock { $0 = value }
        given.signal()
    }

    func wait(for what: String) throws -> Value {
        guard given.wait(timeout: .now() + 300) == .success, let value = value.withLock({ $0 }) else {
            throw TooLate(what: what)
        }
        return value
    }
}

/// Nothing came within a minute.
struct TooLate: Error, CustomStringConvertible {
    let what: String
    var description: String { "cannot go on: no \(what) within 60 s" }
}
