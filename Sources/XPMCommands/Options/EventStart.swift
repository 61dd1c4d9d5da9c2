import ArgumentParser
import XPMProtocol

/// Where a list of events begins: behind a sequence number, or at a moment.
enum EventStart: ExpressibleByArgument, Equatable {
    case sequence(Int64)
    case moment(Timestamp)

    /// The beginning that an option says.
    static func option(_ text: String) throws(Unreadable) -> EventStart {
        guard let start = EventStart(argument: text) else {
            throw Unreadable("\(Moment.forms), or the number of an event")
        }
        return start
    }

    init?(argument: String) {
        if let number = Int64(argument) {
            self = .sequence(number)
        } else if let moment = Moment(argument: argument) {
            self = .moment(moment.time)
        } else {
            return nil
        }
    }
}
