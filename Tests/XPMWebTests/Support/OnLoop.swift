import ScriptedDaemon
import XPMClient

@testable import XPMWeb

/// A loop of a test's own, on a thread of its own, and what must live as long.
final class TestLoop<Value: Sendable> {
    let loop: EventLoop
    private var kept: [AnyObject] = []
    fileprivate var result: Result<Value, any Error>?

    init() throws { loop = try EventLoop() }

    /// Keeps something until the end.
    func keep<Kept: AnyObject>(_ kept: Kept) -> Kept {
        self.kept.append(kept)
        return kept
    }

    /// Ends the loop with what the test is to look at.
    func finish(_ value: Value) {
        if result == nil { result = .success(value) }
        loop.stop()
    }
}

struct LoopEnded: Error {}

/// Runs a loop until `body`, or what it has set up, finishes it.
func onLoop<Value: Sendable>(
    _ what: String = "the loop", returning type: Value.Type = Value.self,
    _ body: @escaping @Sendable (TestLoop<Value>) throws -> Void
) async throws -> Value {
    try await within(what: what) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.start {
                continuation.resume(
                    with: Result {
                        let test = try TestLoop<Value>()
                        try body(test)
                        if test.result == nil { test.loop.run() }
                        guard let result = test.result else { throw LoopEnded() }
                        return try result.get()
                    })
            }
        }
    }
}
