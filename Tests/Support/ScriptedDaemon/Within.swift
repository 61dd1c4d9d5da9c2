/// A wait that took longer than any machine needs.
public struct DeadlinePassed: Error, CustomStringConvertible {
    /// What was awaited, and how long.
    public let description: String
}

/// Waits for `body`, but not for ever: throws `DeadlinePassed` with `what` was awaited.
public func within<Value: Sendable>(
    _ limit: Duration = .seconds(900), what: String, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlinePassed(description: "waited \(limit) in vain for \(what)")
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
