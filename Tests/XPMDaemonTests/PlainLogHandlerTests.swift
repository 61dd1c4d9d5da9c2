import Logging
import Synchronization
import Testing

@testable import XPMDaemon

@Suite struct PlainLogHandlerTests {
    private final class Told: Sendable { let messages = Mutex<[String]>([]) }

    private struct Recorder: LogHandler {
        let told: Told
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { told.messages.withLock { $0.append("\(event.message)") } }
    }

    @Test func whatAServiceHasRaisedIsNoCommandToATerminal() {
        let told = Told()
        let logger = Logger(label: "test") { _ in PlainLogHandler(Recorder(told: told)) }
        logger.notice("e@r:board: no class '\u{1B}[2J\u{0}'\nbeside it")
        #expect(told.messages.withLock { $0 } == [#"e@r:board: no class '\u{1b}[2J\u{0}'\u{a}beside it"#])
    }
}
