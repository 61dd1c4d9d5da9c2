import Glibc
import XPMProtocol
import XPMTemplates

/// The templates at hand: the installation's, and the user's, which win. Read anew at each use, so that an edit counts at once.
final class TemplateShelf {
    private var folder: TemplateFolder

    /// The templates of folders in rising order of precedence.
    init(folders: [String]) { folder = TemplateFolder(folders) }

    /// The template `name`, or why it cannot be used.
    func template(_ name: String) throws(WireError) -> Template {
        let found = folder.templates()
        guard let result = found[name] else {
            let known = found.keys.sorted().joined(separator: ", ")
            throw WireError(
                .unknownTemplate,
                "cannot find a template \(Name.quoted(name)): there \(known.isEmpty ? "is none" : "are \(known)")",
                data: ["template": .string(name)])
        }
        return try result.get()
    }

    /// All templates as a client sees them, sorted by name.
    var records: [TemplateRecord] {
        folder.templates().map(TemplateRecord.init).sorted { $0.name < $1.name }
    }
}
