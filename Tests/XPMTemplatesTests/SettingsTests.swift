import FoundationEssentials
import Glibc
import Testing
import XPMProtocol
import XPMTemplates

@Suite final class SettingsTests {
    private let root: String
    private var path: String { root + "/config.toml" }

    init() throws {
        var template = Array("/tmp/xpm-settings-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    @Test func nothingIsSetWithoutAFile() throws {
        for path in [path, root + "/missing/config.toml"] {
            var file = SettingsFile(path)
            #expect(try file.settings() == Settings())
        }
    }

    @Test func editCountsAtOnce() throws {
        var file = SettingsFile(path)
        try write("[python]\ninterpreter = \"/usr/bin/python3\"\n")
        #expect(try file.settings().interpreter == "/usr/bin/python3")
        #expect(try !file.settings().attach)
        try write("[python]\ninterpreter = \"/opt/venv/bin/python\"\nattach = true\n")
        #expect(try file.settings().interpreter == "/opt/venv/bin/python")
        #expect(try file.settings().attach)
        #expect(try file.settings().startsAtOnce == nil)
        try write("[services]\nstarts_at_once = 3\n")
        #expect(try file.settings().startsAtOnce == 3)
        unlink(path)
        #expect(try file.settings() == Settings())
    }

    @Test(arguments: [
        ("[python]\ninterpreter = 3\n", ", line 2: python.interpreter: an integer where a string is expected"),
        ("[python]\ninterpreter = \"python3\"\n", ", line 2: python.interpreter: it is not an absolute path"),
        (
            "[python]\ninterpeter = \"/p\"\n",
            ", line 2: python.interpeter: unknown key; known keys: interpreter, attach; did you mean 'interpreter'?"
        ),
        ("[services]\nstarts_at_once = 0\n", ", line 2: services.starts_at_once: it must be 1 or more"),
        (
            "[services]\nstarts_at_once = 2.5\n",
            ", line 2: services.starts_at_once: a number where an integer is expected"
        ),
        ("[pyhton]\n", ", line 1: pyhton: unknown key; known keys: python, services, web; did you mean 'python'?"),
        ("# mine\npython = 1\n", ", line 2: python: an integer where a table is expected"),
        ("[python\n", ": it is not TOML: line 1"),
    ])
    func faultIsNamedWithItsPlace(text: String, fault: String) throws {
        try write(text)
        var file = SettingsFile(path)
        for _ in 0..<2 {
            let error = #expect(throws: WireError.self) { try file.settings() }
            #expect(error?.code == .invalidParameters)
            #expect(error?.message.hasPrefix("cannot use the settings in \(path)\(fault)") == true)
        }
    }
}
