/// A template as a client sees it: what it runs and what it can be told.
public struct TemplateRecord: Codable, Hashable, Sendable {
    /// The name that `run.template` and `xpmctl start` take.
    public var name: String
    /// One line for people.
    public var description: String
    /// The file that it was read from.
    public var path: String
    /// What it can be told, in the order of the file.
    public var parameters: [Parameter]
    /// Why it cannot be used, where it cannot.
    public var fault: String?

    /// A template.
    public init(name: String, description: String, path: String, parameters: [Parameter], fault: String? = nil) {
        self.name = name
        self.description = description
        self.path = path
        self.parameters = parameters
        self.fault = fault
    }

    /// One thing that a template can be told.
    public struct Parameter: Codable, Hashable, Sendable {
        /// What kind of value is accepted. A relative path is taken from the service's folder.
        public enum Kind: String, Codable, Sendable { case string, path, integer, boolean }

        public var name: String
        public var kind: Kind
        public var description: String
        /// Whether the service cannot be started without it.
        public var required: Bool
        /// The default value.
        public var fallback: JSONValue?

        /// A parameter.
        public init(name: String, kind: Kind, description: String, required: Bool, fallback: JSONValue? = nil) {
            self.name = name
            self.kind = kind
            self.description = description
            self.required = required
            self.fallback = fallback
        }

        private enum CodingKeys: String, CodingKey {
            case name, kind, description, required
            case fallback = "default"
        }
    }
}
