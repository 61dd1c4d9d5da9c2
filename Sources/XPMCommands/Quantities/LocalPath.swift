import XPMProtocol

/// A path of this machine, as an option takes it: it is not empty, and no address of something else.
enum LocalPath {
    static func checked(_ text: String) throws(Unreadable) -> String {
        if text.isEmpty { throw Unreadable("it is empty; a path is expected") }
        if WrittenPath.isAddress(text) {
            throw Unreadable("'\(text)' is an address; a path of this machine is expected")
        }
        return text
    }
}
