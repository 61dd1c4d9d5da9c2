import Glibc
import XPMProtocol

/// A signal by its name.
struct StopSignal: Hashable {
    var name: String
    var number: Int32

    static let terminate = StopSignal(name: "SIGTERM", number: SIGTERM)

    private init(name: String, number: Int32) {
        self.name = name
        self.number = number
    }

    /// The signal that a definition names, `SIGINT`, `int` or `2`; only those that end a process are accepted.
    init(named name: String) throws(WireError) {
        guard let number = SignalName.number(name), SignalName.ends(number) else {
            throw WireError(
                .invalidParameters, "cannot stop a service by \(Name.quoted(name)): \(SignalName.endingText)")
        }
        self.init(name: SignalName.text(number), number: number)
    }
}
