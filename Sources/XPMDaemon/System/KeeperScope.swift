import CSystemd
import Glibc

/// A transient scope of the user manager: a cgroup for the keeper and the services that ends with them and not with xpmd's unit.
struct KeeperScope {
    /// The unit that the scope outlives, except at the end of the session: whatever starts before another unit is
    /// stopped after it, so that xpmd can end the services in order first.
    var before: String

    /// What went wrong, for the log.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private static let limit = Duration.seconds(2)
    /// What services get between SIGTERM and SIGKILL where the scope is stopped and xpmd is not there to end them. The
    /// keeper, which SIGTERM does not end, is awaited no longer either.
    private static let grace: UInt64 = 15_000_000
    private static let manager = "org.freedesktop.systemd1"
    private static let path = "/org/freedesktop/systemd1"
    private static let interface = "org.freedesktop.systemd1.Manager"

    /// The scope of a keeper.
    static func name(ofKeeper pid: Int32) -> String { "xpmd-keeper-\(pid).scope" }

    /// Makes the scope with the keeper in it, and returns when the keeper is there. Blocks for at most two seconds.
    func take(_ pid: Int32) throws(Failure) {
        let end = ContinuousClock.now + Self.limit
        var bus = try connect()
        defer { bus = sd_bus_flush_close_unref(bus) }
        // Without a match the user's bus brings no signals; the manager's own socket brings them all.
        try check(
            sd_bus_match_signal(bus, nil, Self.manager, Self.path, Self.interface, "JobRemoved", { _, _, _ in 0 }, nil))
        var answer = try call(bus, "Subscribe", until: end) { _ in 0 }
        sd_bus_message_unref(answer)
        let name = Self.name(ofKeeper: pid)
        answer = try call(bus, "StartTransientUnit", until: end) {
            xpm_append_scope(
                $0, name, "Experiments' services and their keeper", UInt32(pid), before, Self.grace)
        }
        defer { sd_bus_message_unref(answer) }
        let result = try awaitEnd(of: try text(answer, "o"), on: bus, until: end)
        guard result == "done" else { throw Failure(description: "starting \(name) came to \(result)") }
    }

    /// By the manager's own socket, as systemctl does: there need not be a message bus. Else by the user's bus.
    private func connect() throws(Failure) -> OpaquePointer? {
        var bus: OpaquePointer?
        if let runtime = getenv("XDG_RUNTIME_DIR") {
            try check(sd_bus_new(&bus))
            if sd_bus_set_address(bus, "unix:path=\(String(cString: runtime))/systemd/private") >= 0,
                sd_bus_start(bus) >= 0
            {
                return bus
            }
            bus = sd_bus_unref(bus)
        }
        try check(sd_bus_open_user(&bus))
        return bus
    }

    private func call(
        _ bus: OpaquePointer?, _ method: String, until end: ContinuousClock.Instant,
        append: (OpaquePointer?) -> CInt
    ) throws(Failure) -> OpaquePointer? {
        var message: OpaquePointer?
        try check(sd_bus_message_new_method_call(bus, &message, Self.manager, Self.path, Self.interface, method))
        defer { sd_bus_message_unref(message) }
        try check(append(message))
        var fault = sd_bus_error()
        defer { sd_bus_error_free(&fault) }
        var answer: OpaquePointer?
        guard sd_bus_call(bus, message, microseconds(until: end), &fault, &answer) < 0 else { return answer }
        throw Failure(description: "\(method): \(fault.message.map { String(cString: $0) } ?? "no answer")")
    }

    /// Waits for the signal that a job has ended, and returns how.
    private func awaitEnd(of job: String, on bus: OpaquePointer?, until end: ContinuousClock.Instant)
        throws(Failure) -> String
    {
        while true {
            var message: OpaquePointer?
            let done = sd_bus_process(bus, &message)
            try check(done)
            defer { sd_bus_message_unref(message) }
            if message != nil, sd_bus_message_is_signal(message, Self.interface, "JobRemoved") > 0 {
                var number: UInt32 = 0
                try check(sd_bus_message_read_basic(message, CChar(UInt8(ascii: "u")), &number))
                let path = try text(message, "o")
                _ = try text(message, "s")
                if path == job { return try text(message, "s") }
            }
            guard done == 0 else { continue }
            let waited = sd_bus_wait(bus, microseconds(until: end))
            try check(waited)
            if waited == 0 && ContinuousClock.now >= end { throw Failure(description: "systemd took too long") }
        }
    }

    private func text(_ message: OpaquePointer?, _ type: Unicode.Scalar) throws(Failure) -> String {
        var text: UnsafePointer<CChar>?
        try check(sd_bus_message_read_basic(message, CChar(UInt8(ascii: type)), &text))
        return text.map { String(cString: $0) } ?? ""
    }

    private func check(_ result: CInt) throws(Failure) {
        if result < 0 { throw Failure(description: String(cString: strerror(-result))) }
    }

    private func microseconds(until end: ContinuousClock.Instant) -> UInt64 {
        let left = max(.zero, ContinuousClock.now.duration(to: end)).components
        // 0 would mean sd-bus's own limit.
        return max(1, UInt64(left.seconds) * 1_000_000 + UInt64(left.attoseconds / 1_000_000_000_000))
    }
}
