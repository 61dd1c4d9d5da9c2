import XPMClient
import XPMProtocol

/// What the monitor hears of.
enum Message: Sendable {
    case input(Input)
    case changes([MirrorChange])
    case resized(columns: Int, rows: Int)
    /// What has become of a request; nil for done.
    case answered(Request, WireError?)
    /// The last lines of a log, for a failure that is told.
    case lastLines(ServiceIdentity, [String])
    /// What was read of a log.
    case log(LogRead, Result<ServiceLogs.Page, WireError>)
    /// What is known of the service that is highlighted, at a moment of a clock that only goes forward, in milliseconds.
    case detail(ServiceIdentity, DetailFacts, at: Int64)
    /// A text to be read.
    case page(Page)
    /// Something that the rim has to say: where a copy went, that a browser was not found.
    case told(Notice)
}

/// What a service is asked for.
struct Request: Hashable, Sendable {
    enum Verb: String, Hashable, Sendable { case start, stop, restart, remove }
    var verb: Verb
    var service: ServiceIdentity
}

/// What is to be done outside. Nothing of it waits; what comes of it comes as a message.
enum Effect: Hashable, Sendable {
    case ask(Request)
    case readLastLines(ServiceIdentity)
    case explain(ServiceIdentity)
    case readLog(LogRead)
    /// No log is shown any more: what was asked for is not waited for.
    case endLogs
    /// Whose details are shown, to be asked for once the highlight rests, and again while they change.
    case watchDetail(ServiceIdentity?)
    case copy(String)
    case open(String)
    /// Whether the mouse is told to us, or left to the terminal.
    case mouse(Bool)
    case redraw
    case suspend
    case quit
}

/// Something that people are told at the bottom of the screen. It takes no key and no focus.
struct Notice: Hashable, Sendable {
    var text: String
    var isFailure = false
    /// What belongs to it, as the last lines of a log.
    var lines: [String] = []
    /// The service that it is about.
    var service: ServiceIdentity?
}
