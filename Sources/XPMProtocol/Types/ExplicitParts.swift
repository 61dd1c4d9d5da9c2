/// What its user wrote of a definition's environment and folder. The rest came along with who added it: it is used, but makes no
/// difference between two definitions.
public struct ExplicitParts: Codable, Hashable, Sendable {
    /// Names of variables of the environment.
    public var variables: [String]?
    /// Whether the folder.
    public var folder: Bool?

    /// Whether the environment is to hold no more than the least of the caller's.
    public var clean: Bool?

    /// By default nothing.
    public init(variables: [String]? = nil, folder: Bool? = nil, clean: Bool? = nil) {
        self.variables = variables
        self.folder = folder
        self.clean = clean
    }
}
