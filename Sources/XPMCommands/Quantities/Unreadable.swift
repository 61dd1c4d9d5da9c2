/// Why the value of an option cannot be read; the option's own error goes before it.
struct Unreadable: Error, Equatable, CustomStringConvertible {
    /// What is wanted instead.
    let description: String

    init(_ description: String) { self.description = description }
}
