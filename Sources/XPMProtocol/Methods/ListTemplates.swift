/// The templates that can be started, with their parameters.
public struct ListTemplates: Method {
    public static let name = "template.list"

    /// Asks for all templates.
    public init() {}

    /// The templates found.
    public struct Reply: Codable, Hashable, Sendable {
        public var templates: [TemplateRecord]

        /// A list of templates.
        public init(templates: [TemplateRecord]) { self.templates = templates }
    }
}
