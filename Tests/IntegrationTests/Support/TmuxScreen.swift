import Glibc

/// A terminal of a test's own: tmux without settings, on a server of its own, whose screen can be read and whose keys can be pressed.
///
/// What is written to it goes to a named pipe, too (`pipe-pane`), by which a test waits for what it wants to see.
final class TmuxScreen {
    private let socket: String
    private let folder: String
    private let environment: [String: String]
    private let output: Int32

    /// Runs `command` by a shell in a terminal of this size.
    init(
        _ scratch: Scratch, _ command: String, environment: [String: String], columns: Int = 80, rows: Int = 24
    ) throws {
        folder = scratch.folder("tmux")
        socket = folder + "/socket"
        let pipe = folder + "/pipe"
        mkfifo(pipe, 0o600)
        output = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        self.environment = environment.merging(["TERM": "xterm-256color", "SHELL": "/bin/sh"]) { $1 }
        let inside = environment.filter { $0.key != "TERM" }.map { "\($0.key)='\($0.value)'" }.sorted().joined(
            separator: " ")
        try tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-s", "m",
            "exec env \(inside) /bin/sh", ";", "set", "-g", "remain-on-exit", "on", ";", "set", "-g", "status", "off",
            ";",
            "set", "-g", "set-clipboard", "on", ";", "resize-window", "-x", "\(columns)", "-y", "\(rows)")
        try tmux("pipe-pane", "exec cat > \(pipe)")
        try type("PS1='$ '; clear; \(command)\n")
    }

    deinit {
        _ = try? tmux("kill-server")
        close(output)
    }

    /// Presses keys by tmux's names: `C-s`, `Up`, `j`.
    func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

    /// Types text as it stands.
    func type(_ text: String) throws { try tmux("send-keys", "-l", text) }

    /// Pastes text, bracketed where the program has asked for that.
    func paste(_ text: String) throws {
        try tmux("set-buffer", text)
        try tmux("paste-buffer", "-p")
    }

    func resize(columns: Int, rows: Int) throws { try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)") }

    /// What the screen shows now.
    func text() throws -> String { try tmux("capture-pane", "-p") }

    /// Something that tmux knows of the terminal, by its name of formats.
    func fact(_ name: String) throws -> String {
        String(try tmux("display-message", "-p", "#{\(name)}").prefix { $0 != "\n" })
    }

    /// What was copied by the program in the terminal.
    func clipboard() throws -> String { try tmux("show-buffer") }

    /// Waits until the screen shows what is wanted, and returns it.
    @discardableResult
    func wait(until isWanted: (String) -> Bool) throws -> String {
        while true {
            drain()
            let shown = try text()
            if isWanted(shown) { return shown }
            guard try isReadable(output, within: patience) else {
                throw TestFailure("waited in vain for the screen; it shows\n\(shown)")
            }
        }
    }

    private func drain() {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while read(output, &bytes, bytes.count) > 0 {}
    }

    @discardableResult
    func wait(for text: String) throws -> String { try wait { $0.contains(text) } }

    @discardableResult
    func tmux(_ arguments: String...) throws -> String { try tmux(arguments) }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> String {
        let output = "\(folder)/out"
        let child = try ChildProcess(
            ["tmux", "-S", socket] + arguments, environment: environment,
            files: [1: (output, O_WRONLY | O_CREAT | O_TRUNC), 2: (folder + "/errors", O_WRONLY | O_CREAT | O_TRUNC)])
        let ending = try child.wait()
        guard ending == .code(0) else {
            throw TestFailure(
                "tmux \(arguments.joined(separator: " ")) ended with \(ending): \(IntegrationTests.text(of: folder + "/errors"))"
            )
        }
        return IntegrationTests.text(of: output)
    }
}
