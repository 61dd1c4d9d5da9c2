import ArgumentParser
import XPMProtocol

/// Where a list of events begins: behind a sequence number, or at a moment.
enum EventStart: ExpressibleByArgument, Equatable {
    case sequence(Int64)
    case moment(Timestamp)

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
