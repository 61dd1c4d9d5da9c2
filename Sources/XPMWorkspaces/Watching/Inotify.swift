import Glibc

/// An instance of inotify(7), and what its watches stand for.
final class Inotify<Target: Hashable> {
    /// Something that happened to a target.
    struct Event {
        /// nil where the kernel's queue was too short: anything may have happened to anything.
        var target: Target?
        var mask: UInt32
        /// What it happened to in the target's folder; empty for the folder itself.
        var name: String

        func has(_ flags: CInt) -> Bool { mask & UInt32(bitPattern: flags) != 0 }
    }

    let descriptor: CInt
    /// What each watch is for, and what that wants to be told of. The kernel has one watch for a folder, by however many
    /// paths it is reached.
    private var targets: [CInt: [Target: UInt32]] = [:]
    private var watches: [Target: CInt] = [:]
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    private let system: WatchingSystem

    /// Fails where the user has too many of them, or the process has no descriptor left.
    init?(_ system: WatchingSystem) {
        self.system = system
        descriptor = system.openInotify()
        if descriptor < 0 { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Watches a folder; returns 0 or the error's number. What is watched already stays so.
    func add(_ path: String, _ mask: CInt, for target: Target) -> CInt {
        // What others are told of the folder stays.
        let watch = system.addWatch(descriptor, path, UInt32(bitPattern: mask | IN_ONLYDIR | IN_MASK_ADD))
        guard watch >= 0 else { return errno }
        // The same target may have another folder now.
        if watches[target] != watch { remove(target) }
        targets[watch, default: [:]][target] = UInt32(bitPattern: mask)
        watches[target] = watch
        return 0
    }

    /// Ends what a target is told, if it is; the watch ends with its last target.
    func remove(_ target: Target) {
        guard let watch = watches.removeValue(forKey: target) else { return }
        targets[watch]?[target] = nil
        guard targets[watch]?.isEmpty ?? false else { return }
        targets[watch] = nil
        inotify_rm_watch(descriptor, watch)
    }

    /// Whether it is watched.
    func watches(_ target: Target) -> Bool { watches[target] != nil }

    private func forget(_ watch: CInt) {
        for target in (targets.removeValue(forKey: watch) ?? [:]).keys { watches[target] = nil }
    }

    /// What the kernel tells without being asked.
    private static var unasked: UInt32 { UInt32(bitPattern: IN_IGNORED | IN_UNMOUNT) }

    /// All that has happened by now.
    func read() -> [Event] {
        var events: [Event] = []
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return events }
            var place = 0
            // struct inotify_event: int wd; uint32_t mask, cookie, len; char name[len]
            while place + 16 <= count {
                let (watch, mask, length) = buffer.withUnsafeBytes { bytes in
                    (
                        bytes.loadUnaligned(fromByteOffset: place, as: CInt.self),
                        bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self),
                        Int(bytes.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
                    )
                }
                let name = buffer[(place + 16)..<min(count, place + 16 + length)].prefix { $0 != 0 }
                place += 16 + length
                let text = String(decoding: name, as: UTF8.self)
                if watch < 0 { events.append(Event(target: nil, mask: mask, name: text)) }
                for (target, wanted) in targets[watch] ?? [:] where mask & (wanted | Self.unasked) != 0 {
                    events.append(Event(target: target, mask: mask, name: text))
                }
                if mask & UInt32(bitPattern: IN_IGNORED) != 0 { forget(watch) }
            }
        }
    }
}
