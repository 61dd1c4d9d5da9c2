import ArgumentParser
import Testing

@testable import XPMCommands

/// Options of logs that contradict each other.
struct LogOptionsTests {
    @Test(
        arguments: ["direct", "journal", "null"],
        ["--log-max-size=1M", "--log-max-age=1d", "--log-keep=3", "--log-fresh"])
    func whatIsNotXpmdsFileIsNotRotated(target: String, option: String) {
        expectRefusal(
            ["--log", target, option], "\(option.split(separator: "=")[0]) cannot be used with --log \(target): ")
    }

    @Test(arguments: ["journal", "null"], ["--log-stdout=/tmp/x", "--log-stderr=/tmp/x"])
    func whatGoesToNoFileHasNone(target: String, option: String) {
        expectRefusal(
            ["--log", target, option], "\(option.split(separator: "=")[0]) cannot be used with --log \(target): ")
    }

    @Test(arguments: ["direct", "journal", "null"], ["--tty", "--tty-size=80x24"])
    func outputOfATerminalGoesToFilesOfXpmd(target: String, option: String) {
        expectRefusal(["--log", target, option], "--tty cannot be used with --log \(target): ")
    }

    @Test func aTerminalHasOneLog() {
        expectRefusal(["--tty", "--log-stderr", "/tmp/x"], "--log-stderr cannot be used with --tty: ")
    }

    @Test(arguments: [
        ["--log", "files", "--log-keep", "3", "--log-stdout", "/tmp/x", "--tty"],
        ["--log", "direct", "--log-stdout", "/tmp/x"],
        ["--log", "null", "--no-tty"], ["--tty-size", "80x24"],
    ])
    func whatGoesTogetherIsTaken(options: [String]) throws { _ = try LogOptions.parse(options) }

    private func expectRefusal(_ options: [String], _ beginning: String, _ place: SourceLocation = #_sourceLocation) {
        do {
            _ = try LogOptions.parse(options)
            Issue.record("\(options) was taken", sourceLocation: place)
        } catch {
            let message = LogOptions.message(for: error)
            #expect(message.hasPrefix(beginning), sourceLocation: place)
        }
    }
}
