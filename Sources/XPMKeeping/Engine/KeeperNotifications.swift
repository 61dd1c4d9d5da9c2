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

    func hearNotifications(_ number: UInt64, atMost limit: Int = NotifySockets.perTurn) {
        for _ in 0..<limit {
            guard let entry = notifySockets.entries[number] else { return }
            var pid: pid_t = 0
            var uid: uid_t = 0
            var code: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: NotifySockets.textLimit) { buffer, count in
                let length = buffer.withMemoryRebound(to: CChar.self) {
                    xpm_notify_receive(entry.descriptor.number, $0.baseAddress, UInt($0.count), &pid, &uid)
                }
                if length < 0 { code = errno }
                count = max(0, length)
            }
            if code == EMSGSIZE { continue }
            guard code == 0 else { return }
            guard uid == geteuid() || uid == 0, isOf(entry.attempt, pid),
                let text = String(validating: bytes, as: UTF8.self)
            else { continue }
            table.noticed(entry.attempt, text, from: pid)
            if agreedVersion >= 2 { say([.notified(attempt: entry.attempt, pid: pid, text: text)]) }
        }
    }

    /// Whether a sender is of the attempt. One that is gone already cannot be asked; it knew the path and is the same user.
    private func isOf(_ number: UInt64, _ pid: Int32) -> Bool {
        guard let attempt = table[number] else { return false }
        guard pid != attempt.pid, let stat = ProcessFiles.stat(of: pid), !stat.isGone else { return true }
        return belongs(stat, to: attempt)
    }
}
