import CLinux
import Glibc

/// The sockets on which attempts say how they are (sd_notify(3)), and what is remembered of it.
struct NotifySockets {
    struct Entry {
        let attempt: UInt64
        let path: String
        let descriptor: Descriptor
        /// The last line of each variable that matters to who listens later, in the order of their first coming.
        var remembered: [(variable: String, line: String, pid: Int32)] = []
    }

    static let textLimit = 8 << 10
    /// A flood of one attempt delays nobody else.
    static let perTurn = 64
    private static let lasting: Set<String> = ["READY", "STATUS", "STOPPING", "MAINPID", "X_XPM_URL", "ERRNO"]

    private(set) var entries: [UInt64: Entry] = [:]

    /// By attempt.
    func source(of attempt: UInt64) -> UInt64? { entries.first { $0.value.attempt == attempt }?.key }

    mutating func add(_ number: UInt64, _ entry: Entry) { entries[number] = entry }

    mutating func remove(_ number: UInt64) -> Entry? { entries.removeValue(forKey: number) }

    mutating func remember(_ text: String, from pid: Int32, at number: UInt64) {
        for line in text.split(separator: "\n") {
            guard let split = line.firstIndex(of: "="), Self.lasting.contains(String(line[..<split])) else { continue }
            let variable = String(line[..<split])
            let kept = (variable: variable, line: String(line), pid: pid)
            if let index = entries[number]?.remembered.firstIndex(where: { $0.variable == variable }) {
                entries[number]?.remembered[index] = kept
            } else {
                entries[number]?.remembered.append(kept)
            }
        }
    }

    /// For who listens from now on.
    var told: [KeeperMessage] {
        entries.values.sorted { $0.attempt < $1.attempt }.flatMap { entry in
            entry.remembered.map { .notified(attempt: entry.attempt, pid: $0.pid, text: $0.line) }
        }
    }
}

extension Keeper {
    /// Listens for what an attempt says of itself; false with errno if that can't be.
    func listen(for attempt: UInt64, at path: String) -> Bool {
        if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o700) }
        let socket = xpm_notify_listen(path)
        guard socket >= 0 else { return false }
        let number = nextNumber()
        let descriptor = Descriptor(socket)
        guard poller.add(socket, .notifications(number)) else { return false }
        notifySockets.add(number, .init(attempt: attempt, path: path, descriptor: descriptor))
        return true
    }

    func endListening(for attempt: UInt64) {
        guard let number = notifySockets.source(of: attempt), let entry = notifySockets.remove(number) else { return }
        poller.remove(entry.descriptor.number)
        unlink(entry.path)
    }

    func hearNotifications(_ number: UInt64) {
        for _ in 0..<NotifySockets.perTurn {
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
            notifySockets.remember(text, from: pid, at: number)
            if agreedVersion >= 2 { say([.notified(attempt: entry.attempt, pid: pid, text: text)]) }
        }
    }

    /// Whether a sender is of the attempt. One that is gone already cannot be asked; it knew the path and is the same user.
    private func isOf(_ number: UInt64, _ pid: Int32) -> Bool {
        guard let attempt = table[number] else { return false }
        guard pid != attempt.pid, let stat = ProcessFiles.stat(of: pid), !stat.isGone else { return true }
        if let cgroup = attempt.cgroup { return cgroup.processes.contains(pid) }
        var process = stat
        // Its ancestors tell most quickly: up to the main process.
        for _ in 0..<64 {
            if process.pid == attempt.pid { return true }
            if process.parent <= 1 || process.parent == getpid() { break }
            guard let parent = ProcessFiles.stat(of: process.parent) else { break }
            process = parent
        }
        return ownership(of: stat) == .attempt(number)
    }
}
