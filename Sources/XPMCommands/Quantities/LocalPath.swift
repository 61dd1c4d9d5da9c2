import XPMProtocol

/// A path of this machine, as an option takes it: it is not empty, and no address of something else.
enum LocalPath {
    static func checked(_ text: String) throws(Unreadable) -> String {
        if text.isEmpty { throw Unreadable("a path cannot be empty") }
        if WrittenPath.isAddress(text) {
            throw Unreadable("'\(text)' is an address, not a path on this machine")
        }
        return text
    }
}
