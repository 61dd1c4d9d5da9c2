import XPMProtocol

/// A value that a service may have in its state dictionary: what JSON has, and paths.
public protocol StateValue: Sendable {
    /// Its form on the wire; `invalidParameters` for what JSON cannot express.
    func stateValue() throws(WireError) -> JSONValue
}

extension String: StateValue {
    /// Text.
    public func stateValue() -> JSONValue { .string(self) }
}

extension Bool: StateValue {
    /// True or false.
    public func stateValue() -> JSONValue { .bool(self) }
}

extension Int: StateValue {
    /// A whole number.
    public func stateValue() -> JSONValue { .integer(Int64(self)) }
}

extension Double: StateValue {
    /// A number; NaN and infinity are refused.
    public func stateValue() throws(WireError) -> JSONValue {
        guard isFinite else {
            throw WireError(.invalidParameters, "cannot keep \(self) in a state dictionary: JSON has no such number")
        }
        return .number(self)
    }
}

extension Path: StateValue {
    /// The path, marked as one.
    public func stateValue() -> JSONValue { ["__path__": .string(string)] }
}

extension JSONValue: StateValue {
    /// The value as it is.
    public func stateValue() -> JSONValue { self }
}

extension Optional: StateValue where Wrapped: StateValue {
    /// `null` for nil.
    public func stateValue() throws(WireError) -> JSONValue { try self?.stateValue() ?? .null }
}

extension Array: StateValue where Element: StateValue {
    /// The elements in their order.
    public func stateValue() throws(WireError) -> JSONValue {
        .array(try map { (element) throws(WireError) in try element.stateValue() })
    }
}

extension Dictionary: StateValue where Key == String, Value: StateValue {
    /// The values by their keys, of which those that begin with `__` are refused.
    public func stateValue() throws(WireError) -> JSONValue { .object(try StateDictionary.members(self)) }
}
