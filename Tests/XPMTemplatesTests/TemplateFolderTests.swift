import Glibc
import Testing
import XPMProtocol
import XPMTemplates

@Suite final class TemplateFolderTests {
    let root: String
    private var made: [String] = []

    init() throws {
        var template = Array("/tmp/xpm-templates-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for folder in ["system", "user"] {
            mkdir("\(root)/\(folder)", 0o700)
            made.append("\(root)/\(folder)")
        }
    }

    deinit {
        for path in made.reversed() { remove(path) }
        rmdir(root)
    }

    private func write(_ file: String, _ bytes: [UInt8]) throws {
        let path = "\(root)/\(file)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        made.append(path)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func write(_ file: String, _ text: String) throws { try write(file, Array(text.utf8)) }

    private func scan() -> [String: Result<Template, WireError>] {
        var files: [String: String] = [:]
        for folder in ["system", "missing", "user/"] {
            files.merge(TemplateFolder.files(in: "\(root)/\(folder)")) { _, users in users }
        }
        return Dictionary(
            uniqueKeysWithValues: files.map { name, path in
                var source = TemplateSource(name: name, path: path)
                return (name, Result { () throws(WireError) in try source.template() })
            })
    }

    @Test func usersTemplateReplacesTheSystems() throws {
        try write("system/a.toml", "command = ['system']")
        try write("system/b.toml", "command = ['system']")
        try write("user/a.toml", "command = ['user']")
        let found = scan()
        #expect(found.keys.sorted() == ["a", "b"])
        #expect(try found["a"]?.get().render(id: "a", parameters: [:], folder: "/").arguments == ["user"])
        #expect(try found["a"]?.get().path == "\(root)/user/a.toml")
        #expect(try found["b"]?.get().path == "\(root)/system/b.toml")
    }

    @Test func brokenFileIsReportedAndHidesNothingElse() throws {
        try write("system/a.toml", "command = ['a']")
        try write("system/good.toml", "command = ['a']")
        try write("user/a.toml", "command = ")
        let found = scan()
        #expect(throws: Never.self) { try found["good"]?.get() }
        let record = TemplateRecord(name: "a", found: try #require(found["a"]))
        #expect(record.path == "\(root)/user/a.toml")
        #expect(
            record.fault?.hasPrefix("cannot use template 'a' (\(root)/user/a.toml): it is not TOML: line 1") == true)
    }

    @Test func onlyVisibleTOMLFilesAreTemplates() throws {
        for name in [".hidden.toml", ".toml", "notes.txt", "a.toml~"] { try write("user/\(name)", Sample.plain) }
        #expect(scan().isEmpty)
    }

    @Test func whatIsNoReadableTextIsReported() throws {
        mkfifo("\(root)/user/fifo.toml", 0o600)
        mkdir("\(root)/user/folder.toml", 0o700)
        symlink("/nonexistent", "\(root)/user/dangling.toml")
        made += ["fifo", "folder", "dangling"].map { "\(root)/user/\($0).toml" }
        try write("user/latin.toml", Array("command = ['".utf8) + [0xE9] + Array("']".utf8))
        try write("user/large.toml", [UInt8](repeating: UInt8(ascii: "\n"), count: 300_000))
        try write("user/a:b.toml", Sample.plain)
        let faults = scan().mapValues { found in
            if case .failure(let error) = found { error.message } else { "none" }
        }
        #expect(faults.count == 6)
        #expect(faults["fifo"]?.hasSuffix("it is not a file") == true)
        #expect(faults["folder"]?.hasSuffix("it is not a file") == true)
        #expect(faults["dangling"]?.hasSuffix("No such file or directory") == true)
        #expect(faults["latin"]?.hasSuffix("it is not UTF-8") == true)
        #expect(faults["large"]?.hasSuffix("the file has more than 262144 bytes") == true)
        #expect(faults["a:b"]?.hasPrefix("cannot use 'a:b' as the name of a template") == true)
    }

    @Test func goodTemplateHasARecordWithoutFault() throws {
        try write("user/tensorboard.toml", Sample.tensorBoard)
        let record = TemplateRecord(name: "tensorboard", found: try #require(scan()["tensorboard"]))
        #expect(record.fault == nil)
        #expect(record.parameters.map(\.name) == ["logdir", "reload_interval", "reuse", "title"])
    }
}
