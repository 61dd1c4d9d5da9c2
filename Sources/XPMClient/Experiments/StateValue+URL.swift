import FoundationEssentials
import XPMProtocol

extension URL: StateValue {
    /// A file's URL is its path, any other URL is text.
    public func stateValue() -> JSONValue { isFileURL ? Path(path).stateValue() : .string(absoluteString) }
}
