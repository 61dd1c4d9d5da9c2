import FoundationEssentials
import Glibc

/// A workspace of one test alone, built file by file. Removed at the end.
public final class WorkspaceFolder {
    /// Without symbolic links.
    public let root: String

    /// An empty workspace.
    public init() throws {
        var template = Array("/tmp/xpmws-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(what: "make a scratch folder") }
        root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try folder("experiments")
        try folder(".events/experiments")
        try file(".__experimaestro__", "")
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Makes a folder below it, with those above.
    @discardableResult
    public func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        return "\(root)/\(name)"
    }

    /// Writes a file below it, in place of one that is there.
    @discardableResult
    public func file(_ name: String, _ text: String) throws -> String {
        let path = "\(root)/\(name)"
        if let slash = name.lastIndex(of: "/") { try folder(String(name[..<slash])) }
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Writes behind what a file holds.
    public func append(_ name: String, _ text: String) throws {
        let file = open("\(root)/\(name)", O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(file) }
        guard write(file, text, text.utf8.count) == text.utf8.count else { throw Failure(what: "append to \(name)") }
    }

    /// Makes a symbolic link, in place of one that is there.
    public func link(_ name: String, to target: String) throws {
        unlink("\(root)/\(name)")
        guard symlink(target, "\(root)/\(name)") == 0 else { throw Failure(what: "make the link \(name)") }
    }

    /// Removes a file, or a folder with all that is in it.
    public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(name)") }

    /// Gives a file or folder another name.
    public func move(_ name: String, to other: String) throws {
        guard rename("\(root)/\(name)", "\(root)/\(other)") == 0 else { throw Failure(what: "rename \(name)") }
    }

    struct Failure: Error, CustomStringConvertible {
        var what: String
        var description: String { "cannot \(what): \(String(cString: strerror(errno)))" }
    }
}
