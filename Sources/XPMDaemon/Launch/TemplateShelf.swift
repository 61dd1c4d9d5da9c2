import XPMProtocol
import XPMTemplates

/// The templates as they were read last: the installation's, and the user's, which win.
struct TemplateShelf {
    /// By their names.
    var templates: [String: Result<Template, WireError>] = [:]
    /// Folders that do not answer and have never told what is in them.
    var unread: [WireError] = []

    /// The template `name`, or why it cannot be used.
    func template(_ name: String) throws(WireError) -> Template {
        guard let result = templates[name] else {
            // It may be there.
            if var fault = unread.first {
                fault.data["template"] = .string(name)
                throw fault
            }
            let known = templates.keys.sorted().joined(separator: ", ")
            throw WireError(
                .unknownTemplate,
                "cannot find a template \(Name.quoted(name)): there \(known.isEmpty ? "is none" : "are \(known)")",
                data: ["template": .string(name)])
        }
        return try result.get()
    }

    /// All templates as a client sees them, sorted by name.
    var records: [TemplateRecord] { templates.map(TemplateRecord.init).sorted { $0.name < $1.name } }
}
