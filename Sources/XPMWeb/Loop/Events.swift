import CLinux

/// What epoll tells of a descriptor, and what it is asked for.
struct Events: OptionSet {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }
    private init(_ events: EPOLL_EVENTS) { rawValue = events.rawValue }

    static let readable = Events(EPOLLIN)
    static let writable = Events(EPOLLOUT)
    /// The peer sends nothing any more. Bytes from before may be left to read.
    static let peerClosed = Events(EPOLLRDHUP)
    /// Nothing passes either way any more, or an error is to be read. Always told.
    static let closed: Events = [Events(EPOLLHUP), Events(EPOLLERR)]
    /// Only changes are told: whoever asks so reads and writes until there is no more.
    static let edge = Events(EPOLLET)
}
