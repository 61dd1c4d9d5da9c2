import Glibc
import XPMProtocol

/// A folder that templates are read from: each `*.toml` file is one, named by its stem.
public enum TemplateFolder {
    /// The most templates: all are listed in one reply.
    public static let countLimit = 500

    /// The files of the templates in a folder, by their names. Hidden files are no templates; a folder that is not there or cannot be
    /// read has none. May block.
    public static func files(in folder: String) -> [String: String] {
        guard let stream = opendir(folder) else { return [:] }
        defer { closedir(stream) }
        var files: [String: String] = [:]
        while let entry = readdir(stream) {
            // A name that is not UTF-8 can neither be asked for nor be shown.
            guard
                let name = withUnsafeBytes(
                    of: &entry.pointee.d_name,
                    {
                        String(validating: $0.prefix { $0 != 0 }, as: UTF8.self)
                    })
            else { continue }
            guard name.hasSuffix(".toml"), !name.hasPrefix(".") else { continue }
            files[String(name.dropLast(".toml".count))] = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        }
        return files
    }
}

/// The file of a template, which is read whenever it is needed: an edit counts at once.
public struct TemplateSource: Sendable {
    /// The template's name.
    public let name: String
    /// Where the file is.
    public let path: String
    // An unchanged file is not parsed again.
    private var read: (version: TemplateFile.Version, found: Result<Template, WireError>)?

    /// Called with the file's path to have its text understood; it may leave that undone.
    public var around: @Sendable (_ path: String, _ read: () -> Void) -> Void = { _, read in read() }

    /// The template `name` in the file at `path`.
    public init(name: String, path: String) { (self.name, self.path) = (name, path) }

    /// Reads the template, which may block. Of a file that cannot be used it is an `invalidTemplate` or `invalidName` error.
    public mutating func template() throws(WireError) -> Template {
        do {
            try Name.validate(name, of: "a template")
        } catch {
            throw WireError(
                error.code, error.message, data: error.data.merging(["path": .string(path)]) { own, _ in own })
        }
        let text: String
        let version: TemplateFile.Version
        do throws(TemplateFault) {
            let file = try TemplateFile(path)
            version = file.version
            if let read, read.version == version { text = "" } else { text = try file.text() }
        } catch {
            throw unusable(error.cause)
        }
        if let read, read.version == version { return try read.found.get() }
        let (name, path) = (name, path)
        var found = Result<Template, WireError>.failure(
            unusable("xpmd crashed over it; edit it to have it read again"))
        around(path) { found = Result { () throws(WireError) in try Template(name: name, toml: text, path: path) } }
        read = (version, found)
        return try found.get()
    }

    /// The error of a file that cannot be used for a `cause`.
    public func unusable(_ cause: String) -> WireError { Template.invalid(name: name, path: path, cause: cause) }
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
