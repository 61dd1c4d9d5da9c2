import XPMProtocol

/// A value that a service may have in its state dictionary: what JSON has, and paths.
public protocol StateValue: Sendable {
    /// Its form on the wire; `invalidParameters` for what JSON cannot express.
    func stateValue() throws(WireError) -> JSONValue
}

extension String: StateValue {
    public func stateValue() -> JSONValue { .string(self) }
}

extension Bool: StateValue {
    public func stateValue() -> JSONValue { .bool(self) }
}

extension Int: StateValue {
    public func stateValue() -> JSONValue { .integer(Int64(self)) }
}

extension Double: StateValue {
    public func stateValue() throws(WireError) -> JSONValue {
        guard isFinite else {
            throw WireError(.invalidParameters, "cannot keep \(self) in a state dictionary: JSON has no such number")
        }
        return .number(self)
    }
}

extension Path: StateValue {
    public func stateValue() -> JSONValue { ["__path__": .string(string)] }
}

extension JSONValue: StateValue {
    public func stateValue() -> JSONValue { self }
}

extension Optional: StateValue where Wrapped: StateValue {
    public func stateValue() throws(WireError) -> JSONValue { try self?.stateValue() ?? .null }
}

extension Array: StateValue where Element: StateValue {
    public func stateValue() throws(WireError) -> JSONValue {
        .array(try map { (element) throws(WireError) in try element.stateValue() })
    }
}

extension Dictionary: StateValue where Key == String, Value: StateValue {
    public func stateValue() throws(WireError) -> JSONValue { .object(try StateDictionary.encode(self)) }
}
