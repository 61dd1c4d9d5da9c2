import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing
import XPMProtocol
import XPMTemplates

@testable import XPMDaemon

/// Templates and settings of real folders. A file system that hangs is made by work of the same path that does.
@Suite struct UserFilesTests {
    private let scratch: Scratch
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let files: NIOLoopBound<UserFiles>

    init() throws {
        scratch = try Scratch()
        for folder in ["system", "user"] { try scratch.folder(folder) }
        let (loop, path) = (loop, scratch.path)
        files = try loop.submit {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let files = UserFiles(
                templates: ["\(path)/system", "\(path)/missing", "\(path)/user"], settings: "\(path)/config.toml",
                recovery: .none, loop: loop, logger: logger)
            files.patience = .hours(1)
            return NIOLoopBound(files, eventLoop: loop)
        }.awaited("files")
    }

    private func write(_ file: String, _ text: String) throws {
        remove(file)
        try scratch.write(file, text)
    }

    private func remove(_ file: String) { unlink("\(scratch.path)/\(file)") }

    /// Reads anew, and gives what is known then.
    private func read<Value: Sendable>(
        _ names: Set<String>? = nil, patience: TimeAmount = .hours(1),
        _ body: @escaping @Sendable (UserFiles) -> Value
    ) throws -> Value {
        let promise = loop.makePromise(of: Value.self)
        let files = files
        loop.execute {
            files.value.patience = patience
            files.value.renewSettings()
            files.value.renewTemplates(names) { promise.succeed(body(files.value)) }
        }
        return try promise.futureResult.awaited("templates")
    }

    private func programs() throws -> [String: String] {
        try read { files in
            files.templates.templates.mapValues { found in
                let rendered = try? found.get().render(id: "x", parameters: [:], folder: "/")
                return rendered?.arguments.first ?? "none"
            }
        }
    }

    /// A path that does not answer until the gate is opened.
    private func hang(_ path: String) -> Gate {
        let gate = Gate()
        _ = Workers.userFiles.run(.path("\(scratch.path)/\(path)"), on: loop) { gate.hang() }
        gate.await()
        return gate
    }

    /// Reads again and again, for a moment each time, until there is what is looked for: on a busy machine others may be slow, too.
    private func settled<Value: Sendable>(_ body: @escaping @Sendable (UserFiles) -> Value?) throws -> Value {
        while true { if let value = try read(patience: .milliseconds(50), body) { return value } }
    }

    private static func fault(_ name: String, _ files: UserFiles) -> WireError? {
        do throws(WireError) {
            _ = try files.templates.template(name)
            return nil
        } catch {
            return error
        }
    }

    @Test func changedAddedAndRemovedFilesAreSeenAtTheNextUse() throws {
        try write("system/a.toml", "command = ['one']")
        try write("user/b.toml", "command = [")
        for _ in 0..<2 { #expect(try programs() == ["a": "one", "b": "none"]) }
        try write("user/b.toml", "command = ['mended']")
        try write("user/a.toml", "command = ['two']")
        #expect(try programs() == ["a": "two", "b": "mended"])
        remove("user/a.toml")
        remove("user/b.toml")
        #expect(try programs() == ["a": "one"])
    }

    @Test func fileThatDoesNotAnswerIsNamedAndTakesNoOtherAlong() throws {
        try write("user/good.toml", "command = ['good']")
        try write("user/dead.toml", "command = ['dead']")
        #expect(try programs() == ["dead": "dead", "good": "good"])
        let gate = hang("user/dead.toml")
        let path = "\(scratch.path)/user/dead.toml"
        let fault = try settled { files in
            Self.fault("good", files) == nil ? Self.fault("dead", files) : nil
        }
        #expect(fault.code == .fileSystemUnresponsive && fault.data["path"] == .string(path))
        _ = try settled { $0.templates.records.map { $0.fault == nil } == [false, true] ? true : nil }
        // What it says when it answers is taken, without anybody asking.
        try write("user/dead.toml", "command = ['alive']")
        let answered = loop.makePromise(of: Void.self)
        let files = files
        try loop.submit { files.value.answered = { answered.succeed() } }.awaited("a turn")
        gate.open()
        try answered.futureResult.awaited("an answer")
        let program = try loop.submit {
            try files.value.templates.template("dead").render(id: "x", parameters: [:], folder: "/").arguments
        }.awaited("a turn")
        #expect(program == ["alive"])
    }

    @Test func folderThatDoesNotAnswerHidesNoTemplatesOfOthers() throws {
        try write("system/board.toml", "command = ['system']")
        let gate = hang("user")
        defer { gate.open() }
        let (fault, unread) = try settled { files in
            Self.fault("board", files) == nil
                ? Self.fault("mine", files).map { ($0, files.templates.unread.map(\.message)) } : nil
        }
        // It may be there.
        #expect(fault.code == .fileSystemUnresponsive && fault.data["path"] == .string("\(scratch.path)/user"))
        #expect(unread == ["cannot read the templates in \(scratch.path)/user: its file system does not answer"])
    }

    @Test func whatIsKnownOfAFolderThatDoesNotAnswerStandsInTheWayOfItsNames() throws {
        try write("system/board.toml", "command = ['system']")
        try write("system/other.toml", "command = ['system']")
        try write("user/board.toml", "command = ['user']")
        #expect(try programs() == ["board": "user", "other": "system"])
        let gate = hang("user")
        defer { gate.open() }
        let fault = try settled { files in
            Self.fault("other", files) == nil ? Self.fault("board", files) : nil
        }
        #expect(fault.code == .fileSystemUnresponsive && fault.data["path"] == .string("\(scratch.path)/user"))
    }

    @Test func settingsThatDoNotAnswerAreTheDefaultsUntilTheyDo() throws {
        try write("config.toml", "[services]\nstarts_at_once = 3\n")
        let gate = hang("config.toml")
        let files = files
        _ = try settled { $0.settings.fault }
        let known = try loop.submit { files.value.settings }.awaited("a turn")
        #expect(known.settings == Settings() && known.fault?.code == .fileSystemUnresponsive)
        #expect(known.fault?.data["path"] == .string("\(scratch.path)/config.toml"))
        func nextAnswer() throws -> EventLoopPromise<Void> {
            let answered = loop.makePromise(of: Void.self)
            try loop.submit { files.value.answered = { answered.succeed() } }.awaited("a turn")
            return answered
        }
        var answer = try nextAnswer()
        gate.open()
        var later = known
        while later.fault != nil {
            // On a busy machine it may be another folder that answers.
            try answer.futureResult.awaited("an answer")
            answer = try nextAnswer()
            later = try loop.submit { files.value.settings }.awaited("a turn")
        }
        answer.succeed()
        #expect(later.settings.startsAtOnce == 3)
    }
}
