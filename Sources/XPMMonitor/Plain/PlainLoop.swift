import Glibc
import XPMClient
import XPMProtocol

/// Reads lines, and says lines: no screen, no modes of the terminal, no drawing.
final class PlainLoop {
    private var monitor = PlainMonitor()
    private let mirror: ServiceMirror
    private let requests: Requests
    private var typed: [UInt8] = []
    private var isOver = false
    private let start = ContinuousClock.now

    init(_ mirror: ServiceMirror, _ requests: Requests) { (self.mirror, self.requests) = (mirror, requests) }

    func run() {
        while !isOver {
            var waited = [STDIN_FILENO, mirror.descriptor, requests.inbox.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let timeout = monitor.deadline.map { Int32(clamping: max(0, $0 - now) + 1) } ?? -1
            guard poll(&waited, nfds_t(waited.count), timeout) >= 0 else { continue }
            if waited[0].revents != 0 { read() }
            if waited[2].revents != 0 { for message in requests.inbox.take() { take(message) } }
            if waited[1].revents != 0 { carryOut(monitor.take(mirror.changes(), now: now)) }
            carryOut(monitor.tick(now: now))
        }
    }

    private var now: Int64 {
        let passed = start.duration(to: .now).components
        return passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000
    }

    private func take(_ message: Message) {
        switch message {
        case .answered(let request, let error): carryOut(monitor.answered(request, error))
        case .lastLines(_, let lines):
            for line in lines.isEmpty ? ["nothing is written yet"] : lines { say(ForeignText.line(line)) }
        case .page(let page): for line in page.lines where !line.isEmpty { say(ForeignText.line(line)) }
        case .told(let notice): say(ForeignText.line(notice.text))
        default: break
        }
    }

    private func read() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else {
            isOver = count == 0 || errno != EINTR && errno != EAGAIN
            return
        }
        for byte in bytes[..<count] {
            if byte != UInt8(ascii: "\n") {
                if typed.count < 200 { typed.append(byte) }
                continue
            }
            carryOut(monitor.type(String(decoding: typed, as: UTF8.self)))
            typed = []
        }
    }

    private func carryOut(_ outputs: [PlainMonitor.Output]) {
        for output in outputs {
            switch output {
            case .say(let line): say(line)
            case .ask(let request): requests.ask(request)
            case .logs(let service): requests.readLastLines(of: service, lines: 20)
            case .why(let service): requests.explain(service)
            case .quit: isOver = true
            }
        }
    }

    private func say(_ line: String) {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count <= 0, errno != EINTR, errno != EAGAIN { return isOver = true }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
