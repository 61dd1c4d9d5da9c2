import Glibc
import XPMProtocol

/// The folders that templates are read from: each `*.toml` file is one, named by its stem.
public enum TemplateFolder {
    /// The most bytes of one file.
    static let sizeLimit = 1 << 18

    /// Reads all templates. A later folder's file replaces an earlier one's of the same name, broken or not.
    ///
    /// A file that cannot be used is an `invalidTemplate` or `invalidName` error under its name. Hidden files are no
    /// templates; a folder that is not there or cannot be read has none.
    public static func scan(_ folders: [String]) -> [String: Result<Template, WireError>] {
        var found: [String: Result<Template, WireError>] = [:]
        for folder in folders {
            for file in files(in: folder) {
                let name = String(file.dropLast(".toml".count))
                let path = folder.hasSuffix("/") ? folder + file : "\(folder)/\(file)"
                found[name] = Result { () throws(WireError) in try read(name, path) }
            }
        }
        return found
    }

    private static func files(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func read(_ name: String, _ path: String) throws(WireError) -> Template {
        do {
            try Name.validate(name, of: "a template")
        } catch {
            throw WireError(
                error.code, error.message, data: error.data.merging(["path": .string(path)]) { own, _ in own })
        }
        func fault(_ cause: String) -> WireError { Template.invalid(name: name, path: path, cause: cause) }
        // Non-blocking, for a FIFO of that name would make everybody wait.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw fault("the file cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw fault("it is not a file")
        }
        guard status.st_size <= sizeLimit else { throw fault("the file has more than \(sizeLimit) bytes") }
        var bytes = [UInt8](repeating: 0, count: sizeLimit)
        var count = 0
        while count < sizeLimit {
            let more = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if more < 0 { throw fault("the file cannot be read: \(String(cString: strerror(errno)))") }
            if more == 0 { break }
            count += more
        }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else { throw fault("it is not UTF-8") }
        return try Template(name: name, toml: text, path: path)
    }
}

extension TemplateRecord {
    /// What a scan found under a name, as clients see it: the template, or why it cannot be used.
    public init(name: String, found: Result<Template, WireError>) {
        switch found {
        case .success(let template): self = template.record
        case .failure(let error):
            self.init(
                name: name, description: "", path: error.data["path"]?.text ?? "", parameters: [], fault: error.message)
        }
    }
}
