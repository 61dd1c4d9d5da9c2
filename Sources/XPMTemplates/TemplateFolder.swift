import Glibc
import XPMProtocol

/// The folders that templates are read from: each `*.toml` file is one, named by its stem.
public struct TemplateFolder: Sendable {
    private let folders: [String]
    private var read: [String: (version: TemplateFile.Version, found: Result<Template, WireError>)] = [:]

    /// Folders in ascending precedence, the user's own last.
    public init(_ folders: [String]) { self.folders = folders }

    /// Reads all templates once; who asks repeatedly keeps a value and calls `templates`.
    public static func scan(_ folders: [String]) -> [String: Result<Template, WireError>] {
        var folder = TemplateFolder(folders)
        return folder.templates()
    }

    /// The templates as they are now. A later folder's file replaces an earlier one's of the same name, broken or not.
    ///
    /// A file that cannot be used is an `invalidTemplate` or `invalidName` error under its name. Hidden files are no
    /// templates; a folder that is not there or cannot be read has none.
    public mutating func templates() -> [String: Result<Template, WireError>] {
        var paths: [String: String] = [:]
        for folder in folders {
            for file in Self.files(in: folder) {
                paths[String(file.dropLast(".toml".count))] =
                    folder.hasSuffix("/") ? folder + file : "\(folder)/\(file)"
            }
        }
        // Unchanged files are not parsed again: the parser never frees a document, some 10 kB each time.
        read = read.filter { path, _ in paths.values.contains(path) }
        var found: [String: Result<Template, WireError>] = [:]
        for (name, path) in paths { found[name] = template(name, path) }
        return found
    }

    private mutating func template(_ name: String, _ path: String) -> Result<Template, WireError> {
        do {
            try Name.validate(name, of: "a template")
        } catch {
            let data = error.data.merging(["path": .string(path)]) { own, _ in own }
            return .failure(WireError(error.code, error.message, data: data))
        }
        do {
            let file = try TemplateFile(path)
            if let known = read[path], known.version == file.version { return known.found }
            let text = try file.text()
            let found = Result { () throws(WireError) in try Template(name: name, toml: text, path: path) }
            read[path] = (file.version, found)
            return found
        } catch {
            return .failure(Template.invalid(name: name, path: path, cause: error.cause))
        }
    }

    private static func files(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // A name that is not UTF-8 can neither be asked for nor be shown.
            guard
                let name = withUnsafeBytes(
                    of: &entry.pointee.d_name,
                    {
                        String(validating: $0.prefix { $0 != 0 }, as: UTF8.self)
                    })
            else { continue }
            if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

extension TemplateRecord {
    /// What was found under a name, as clients see it: the template, or why it cannot be used.
    public init(name: String, found: Result<Template, WireError>) {
        switch found {
        case .success(let template): self = template.record
        case .failure(let error):
            let path = error.data["path"]?.text ?? ""
            self.init(name: name, description: "", path: path, parameters: [], fault: error.message)
        }
    }
}
