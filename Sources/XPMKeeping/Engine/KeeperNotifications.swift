import CLinux
import Glibc

extension Keeper {
    /// Listens for what an attempt says of itself; false with errno if that can't be.
    func listen(for attempt: UInt64, at path: String) -> Bool {
        if let slash = path.lastIndex(of: "/"), mkdir(String(path[..<slash]), 0o700) == 0 { placeWatch?.renew() }
        let socket = xpm_notify_listen(path)
        guard socket >= 0 else { return false }
        let number = nextNumber()
        let descriptor = Descriptor(socket)
        guard poller.add(socket, .notifications(number)) else { return false }
        notifySockets.add(number, .init(attempt: attempt, path: path, descriptor: descriptor))
        return true
    }

    /// Whatever was said until now is heard.
    func endListening(for attempt: UInt64) {
        hearLast(of: attempt)
        guard let number = notifySockets.source(of: attempt), let entry = notifySockets.remove(number) else { return }
        poller.remove(entry.descriptor.number)
        unlink(entry.path)
    }

    /// What a process said just before its end is told before that.
    func hearLast(of attempt: UInt64) {
        guard let number = notifySockets.source(of: attempt) else { return }
        hearNotifications(number, atMost: NotifySockets.atTheEnd)
    }

    /// Hears what there is to hear, as far as it may be heard now. The rest is kept by the kernel, which makes its sender wait.
    func hear(_ number: UInt64) {
        let now = Clocks.monotonic
        guard let left = notifySockets.mayHear(number, at: now) else { return }
        notifySockets.heard(number, hearNotifications(number, atMost: left))
        listenOrRest(number)
    }

    /// Tells what was said in one; how many datagrams that was.
    @discardableResult
    func hearNotifications(_ number: UInt64, atMost limit: Int = NotifySockets.perWindow) -> Int {
        guard let entry = notifySockets.entries[number] else { return 0 }
        var said = Notices()
        var count = 0
        var member: pid_t = 0
        while count < limit, let datagram = receive(from: entry.descriptor) {
            count += 1
            guard datagram.isOwn, datagram.pid == member || isOf(entry.attempt, datagram.pid) else { continue }
            member = datagram.pid
            said.add(Notices.read(datagram.bytes, from: datagram.pid))
        }
        guard let last = said.latest.last else { return count }
        table.noticed(entry.attempt, said.latest)
        if agreedVersion >= 2 { say([.notified(attempt: entry.attempt, pid: last.pid, text: said.text)]) }
        return count
    }

    private struct Datagram {
        /// Empty for one that is too long.
        var bytes: [UInt8]
        var pid: pid_t = 0
        /// Whether its sender may say something at all.
        var isOwn = false
    }

    /// Nil where there is none.
    private func receive(from socket: Descriptor) -> Datagram? {
        var pid: pid_t = 0
        var uid: uid_t = 0
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: NotifySockets.textLimit) { buffer, count in
            let length = buffer.withMemoryRebound(to: CChar.self) {
                xpm_notify_receive(socket.number, $0.baseAddress, UInt($0.count), &pid, &uid)
            }
            if length < 0 { code = errno }
            count = max(0, length)
        }
        if code == EMSGSIZE { return Datagram(bytes: []) }
        return code == 0 ? Datagram(bytes: bytes, pid: pid, isOwn: uid == geteuid() || uid == 0) : nil
    }

    /// Listens to those again that have rested; others rest on.
    func endRests() {
        for number in notifySockets.endRests(at: Clocks.monotonic) { listenOrRest(number) }
    }

    /// What nobody takes in now is better kept by the kernel.
    func listenOrRest(_ number: UInt64) {
        guard let entry = notifySockets.entries[number] else { return }
        let isQuiet = holdsNotifications || notifySockets.isResting(number)
        poller.change(entry.descriptor.number, .notifications(number), events: isQuiet ? 0 : Poller.readable)
    }

    /// Whether a sender is of the attempt. One that is gone already cannot be asked; it knew the path and is the same user.
    private func isOf(_ number: UInt64, _ pid: Int32) -> Bool {
        guard let attempt = table[number] else { return false }
        guard pid != attempt.pid, let stat = ProcessFiles.stat(of: pid), !stat.isGone else { return true }
        return belongs(stat, to: attempt)
    }
}
