import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct CommandLookupTests {
    private let scratch: Scratch
    private let service = "exp@run:board"

    init() throws {
        scratch = try Scratch()
        for folder in ["a", "b", "work/bin", "a/both", "a/tool.d"] { try scratch.folder(folder) }
        for (file, mode) in [
            ("a/plain", 0o600), ("a/tool", 0o700), ("b/tool", 0o700), ("b/plain", 0o700), ("b/both", 0o700),
            ("work/local", 0o700), ("work/bin/inner", 0o700), ("work/data", 0o600),
        ] { try scratch.write(file, "#!/bin/sh\n", mode: mode_t(mode)) }
    }

    private func find(_ command: String, path: String? = nil) throws -> String {
        let path = path ?? "\(scratch.path)/a:\(scratch.path)/b"
        return try CommandLookup.find(command, path: path, folder: "\(scratch.path)/work", service: service)
    }

    @Test func nameIsTheFirstExecutableFileOfThePath() throws {
        #expect(try find("tool") == "\(scratch.path)/a/tool")
        #expect(try find("tool", path: "\(scratch.path)/b:\(scratch.path)/a") == "\(scratch.path)/b/tool")
    }

    @Test func folderAndFileThatCannotBeRunAreSkipped() throws {
        #expect(try find("both") == "\(scratch.path)/b/both")
        #expect(try find("plain") == "\(scratch.path)/b/plain")
    }

    @Test(arguments: [":/nowhere", "/nowhere::/nowhere", "/nowhere:"])
    func emptyEntryOfThePathIsTheServicesFolder(path: String) throws {
        #expect(try find("local", path: path) == "\(scratch.path)/work/local")
    }

    @Test func relativeEntryOfThePathBeginsAtTheServicesFolder() throws {
        #expect(try find("inner", path: "bin") == "\(scratch.path)/work/bin/inner")
    }

    @Test func nameWithASlashIsAFile() throws {
        #expect(try find("./local") == "\(scratch.path)/work/./local")
        #expect(try find("bin/inner") == "\(scratch.path)/work/bin/inner")
        #expect(try find("\(scratch.path)/a/tool", path: "/nowhere") == "\(scratch.path)/a/tool")
    }

    @Test func withoutAPathTheSystemsIsTaken() throws {
        let found = try CommandLookup.find("sh", path: nil, folder: scratch.path, service: service)
        #expect(found.hasSuffix("/bin/sh"))
    }

    @Test(arguments: [
        ("absent", ErrorCode.commandNotFound, "is not in its PATH"), ("", .commandNotFound, "is not in its PATH"),
        ("./absent", .commandNotFound, "does not exist"), ("./data", .commandNotExecutable, "is not executable"),
        ("./bin", .commandNotExecutable, "is a folder"), ("tool.d", .commandNotFound, "is not in its PATH"),
    ])
    func refusalSaysWhichAndWhy(command: String, code: ErrorCode, cause: String) {
        let error = #expect(throws: WireError.self) { try find(command) }
        #expect(error?.code == code)
        #expect(error?.message.hasPrefix("cannot start \(service): ") == true)
        #expect(error?.message.hasSuffix(cause) == true, "\(error?.message ?? "")")
        #expect(error?.data["command"] == .string(command))
    }

    @Test func fileThatCannotBeRunIsNamedWhereNoOtherIsFound() {
        let error = #expect(throws: WireError.self) { try find("plain", path: "\(scratch.path)/a") }
        #expect(error?.code == .commandNotExecutable)
        #expect(error?.message == "cannot start \(service): '\(scratch.path)/a/plain' is not executable")
    }
}
