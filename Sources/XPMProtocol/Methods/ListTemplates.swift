/// The templates that can be started, with their parameters.
public struct ListTemplates: Method {
    public static let name = "template.list"
    public static var isQuestion: Bool { true }

    /// Asks for all templates.
    public init() {}

    /// The templates found.
    public struct Reply: Codable, Hashable, Sendable {
        public var templates: [TemplateRecord]
        /// Why there may be more, in a sentence for each folder that does not answer; nil where all were read.
        public var faults: [String]?

        /// A list of templates.
        public init(templates: [TemplateRecord], faults: [String]? = nil) {
            self.templates = templates
            self.faults = faults
        }
    }
}
