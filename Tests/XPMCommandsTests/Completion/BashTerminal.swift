import Glibc
import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient

/// A real bash on a terminal of its own that has read the completion script of the real xpmctl.
///
///     try await BashTerminal.with(xpmctl) { bash in
///         #expect(try await bash.complete("xpmctl stop tens") == "xpmctl stop tensorboard ")
///     }
///
/// Nothing that is completed is executed: the line as it stands after TAB is read and thrown away.
struct BashTerminal: Sendable {
    private let terminal: Int32
    private let process: pid_t

    static func with<Value>(_ xpmctl: Xpmctl, _ body: (BashTerminal) async throws -> Value) async throws -> Value {
        try xpmctl.scratch.write("setup.bash", await script.value + setup)
        let bash = try BashTerminal(xpmctl)
        defer { bash.end() }
        try bash.type("source '\(xpmctl.scratch("setup.bash"))'\n")
        // By then bash reads key by key.
        _ = try await bash.output(until: prompt)
        return try await body(bash)
    }

    /// The completion script, which is the same for all tests.
    private static let script = Task {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            try await xpmctl.run("--generate-completion-script", "bash").out
        }
    }

    private static let prompt = "<prompt>"

    /// `TIOCSPTLCK` and `TIOCGPTN`: what makes terminals in glibc is hidden from Swift.
    private static let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

    /// Ctrl-G tells the line between marks, so that it cannot be taken for an echo, and empties it.
    private static let setup = #"""

        PS1='\#(prompt)'
        for setting in 'bell-style none' 'show-all-if-ambiguous on' 'page-completions off' 'completion-query-items 0'; do
            bind "set ${setting}"
        done
        tell() {
            printf '<line>%s</line>\n' "${READLINE_LINE}"
            READLINE_LINE=
        }
        bind -x '"\C-g": tell'

        """#

    private init(_ xpmctl: Xpmctl) throws {
        terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var locked: Int32 = 0
        var number: Int32 = 0
        try #require(terminal >= 0 && ioctl(terminal, Self.setLock, &locked) == 0)
        try #require(ioctl(terminal, Self.getNumber, &number) == 0)
        let path = "/dev/pts/\(number)"
        var environment = xpmctl.environment
        environment["PATH"] = "\(Xpmctl.programs):/usr/bin:/bin"
        environment["INPUTRC"] = "/dev/null"
        environment["TERM"] = "dumb"
        let spawn = Spawn(
            path: "/bin/sh",
            arguments: ["sh", "-c", "cd \"$0\" && exec bash --norc --noprofile -i", xpmctl.folder],
            environment: environment, files: [0, 1, 2].map { (path, O_RDWR, $0) }, ownSession: true)
        process = try spawn.run().get()
    }

    /// The command line after `line` was typed and TAB was pressed.
    func complete(_ line: String) async throws -> String {
        try type(line + "\t\u{7}")
        let shown = try await output(until: "</line>")
        let mark = try #require(shown.ranges(of: "<line>").last)
        return String(shown[mark.upperBound...])
    }

    private func type(_ keys: String) throws {
        let bytes = Array(keys.utf8)
        try #require(write(terminal, bytes, bytes.count) == bytes.count)
    }

    /// What the terminal shows before `mark`, once that has come.
    private func output(until mark: String) async throws -> String {
        let terminal = terminal
        return try await within(what: "\(mark) from bash") {
            try await Job<String>().value { job in
                XPMClient.Thread.start { job.finish(Result { try Self.read(terminal, until: mark) }) }
            }
        }
    }

    private static func read(_ terminal: Int32, until mark: String) throws -> String {
        var shown: [UInt8] = []
        var byte: UInt8 = 0
        while !shown.suffix(mark.utf8.count).elementsEqual(mark.utf8) {
            guard Glibc.read(terminal, &byte, 1) == 1 else {
                throw WireError(.internalError, "cannot read \(mark): \(String(decoding: shown, as: UTF8.self))")
            }
            shown.append(byte)
        }
        return String(decoding: shown.dropLast(mark.utf8.count), as: UTF8.self)
    }

    private func end() {
        kill(process, SIGKILL)
        _ = Spawn.wait(for: process)
        close(terminal)
    }
}
