import CLinux
import Glibc

/// epoll(7), level-triggered; what a descriptor stands for is a number.
struct Poller {
    static let readable = EPOLLIN.rawValue
    static let writable = EPOLLOUT.rawValue
    static let hangup = EPOLLHUP.rawValue | EPOLLERR.rawValue

    private let file: OpenFile
    private var events: [epoll_event]

    init(batch: Int = 64) throws(LogFileError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw LogFileError(cannot: "create epoll", errno) }
        file = OpenFile(number)
        events = [epoll_event](repeating: epoll_event(), count: batch)
    }

    /// False with errno if the kernel refuses; hang-ups are told whatever the events are.
    func add(_ descriptor: Int32, _ number: UInt64, events: UInt32 = readable) -> Bool {
        var event = epoll_event(events: events, data: epoll_data_t(u64: number))
        return epoll_ctl(file.descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    func change(_ descriptor: Int32, _ number: UInt64, events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: number))
        _ = epoll_ctl(file.descriptor, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Has to precede closing: the keeper has a copy, which would keep it in the set.
    func remove(_ descriptor: Int32) { _ = epoll_ctl(file.descriptor, EPOLL_CTL_DEL, descriptor, nil) }

    /// Waits, without end for -1, and tells how many events there are.
    mutating func wait(milliseconds: Int32) -> Int {
        Int(max(epoll_wait(file.descriptor, &events, Int32(events.count), milliseconds), 0))
    }

    /// An event of the last wait.
    subscript(index: Int) -> (number: UInt64, events: UInt32) { (events[index].data.u64, events[index].events) }
}
