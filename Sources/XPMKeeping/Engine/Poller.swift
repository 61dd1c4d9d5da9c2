import CLinux
import Glibc

/// epoll(7), level-triggered.
struct Poller {
    /// What a descriptor stands for. Numbers are never reused, so that an event of a closed one finds nothing.
    enum Source: Equatable {
        case listener
        case children
        case connection(UInt64)
        case process(UInt64)
        case notifications(UInt64)
        case cgroups
        /// The folders that its sockets are in.
        case place
        /// The logger's socket, or that by which it says that it listens.
        case logger(UInt64)
    }

    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue
    static let hangup = EPOLLHUP.rawValue

    private let descriptor: Descriptor
    private static let batch = 256

    init() throws(KeeperFailure) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw KeeperFailure(cannot: "create epoll", errno) }
        descriptor = Descriptor(number)
    }

    /// False with errno if the kernel refuses; hang-ups are reported whatever the events are.
    func add(_ number: Int32, _ source: Source, events: UInt32 = readable) -> Bool {
        var event = epoll_event(events: events, data: epoll_data_t(u64: source.token))
        return epoll_ctl(descriptor.number, EPOLL_CTL_ADD, number, &event) == 0
    }

    func change(_ number: Int32, _ source: Source, events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: source.token))
        _ = epoll_ctl(descriptor.number, EPOLL_CTL_MOD, number, &event)
    }

    /// Has to precede closing: a copy of the descriptor that a child holds until its execve would keep it in the set.
    func remove(_ number: Int32) {
        _ = epoll_ctl(descriptor.number, EPOLL_CTL_DEL, number, nil)
    }

    /// Waits for ever if no timeout is given.
    func wait(milliseconds: Int32?) -> [(source: Source, events: UInt32)] {
        var events = [epoll_event](repeating: epoll_event(), count: Self.batch)
        let count = epoll_wait(descriptor.number, &events, Int32(Self.batch), milliseconds ?? -1)
        return events.prefix(Int(max(count, 0))).map { (Source(token: $0.data.u64), $0.events) }
    }
}

extension Poller.Source {
    fileprivate var token: UInt64 {
        switch self {
        case .listener: 0
        case .children: 1
        case .cgroups: 2
        case .place: 6
        case .connection(let number): number << 3 | 3
        case .process(let number): number << 3 | 4
        case .notifications(let number): number << 3 | 5
        case .logger(let number): number << 3 | 7
        }
    }

    fileprivate init(token: UInt64) {
        switch token & 7 {
        case 0: self = .listener
        case 1: self = .children
        case 2: self = .cgroups
        case 3: self = .connection(token >> 3)
        case 4: self = .process(token >> 3)
        case 6: self = .place
        case 7: self = .logger(token >> 3)
        default: self = .notifications(token >> 3)
        }
    }
}
