import XPMProtocol

/// What the daemon sends on a connection on which requests are submitted and events come.
enum DaemonMessage: Sendable {
    case reply(SubmittedReply)
    case event(EventRecord)
}
