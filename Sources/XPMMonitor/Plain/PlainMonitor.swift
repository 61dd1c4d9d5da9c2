import XPMClient
import XPMProtocol

/// The monitor for screen readers and plain terminals, as a value: lines in, lines out. Each service has a number that stays.
struct PlainMonitor: Sendable {
    private var model = MirrorModel()
    private var numbers: [ServiceIdentity: Int] = [:]
    private var services: [ServiceIdentity] = []
    /// When something was last said of a service, in milliseconds, and what.
    private var told: [ServiceIdentity: (at: Int64, line: String)] = [:]
    /// Those of which something has to be said once their second is over.
    private var pending: [ServiceIdentity: Int64] = [:]
    private var menu = Menu.main
    private var isListed = false

    private enum Menu: Hashable {
        case main
        case service(ServiceIdentity)
        case removal(ServiceIdentity)
    }

    /// What is to be done.
    enum Output: Hashable, Sendable {
        case say(String)
        case ask(Request)
        case logs(ServiceIdentity)
        case why(ServiceIdentity)
        case quit
    }

    /// Of one service no more is said than a line in so many milliseconds.
    private static let pace: Int64 = 1000

    /// When `tick` is to be called; nil for not at all.
    var deadline: Int64? { pending.values.min() }

    mutating func take(_ changes: [MirrorChange], now: Int64) -> [Output] {
        var outputs: [Output] = []
        for change in changes {
            let before = model.connection
            model.apply(change)
            switch change {
            case .serviceAdded(let service), .serviceChanged(let service):
                number(service.identity)
                if isListed { outputs += tell(service.identity, now) }
            case .serviceRemoved(let identity):
                told[identity] = nil
                pending[identity] = nil
                if isListed { outputs.append(.say("\(name(identity)) is removed")) }
            case .connectionChanged(let connection):
                guard before != connection else { break }
                switch connection {
                case .live where !isListed:
                    isListed = true
                    outputs += list(onlyActive: true) + [.say(help)]
                case .live: outputs.append(.say("connected again"))
                case .reconnecting: outputs.append(.say("reconnecting to xpmd"))
                case .connecting: break
                }
            case .runAdded, .runChanged, .runRemoved: break
            }
        }
        return outputs
    }

    /// Says what had to wait.
    mutating func tick(now: Int64) -> [Output] {
        let due = pending.filter { $0.value <= now }.keys.sorted { numbers[$0] ?? 0 < numbers[$1] ?? 0 }
        return due.flatMap { identity in
            pending[identity] = nil
            return tell(identity, now)
        }
    }

    mutating func answered(_ request: Request, _ error: WireError?) -> [Output] {
        guard let error else { return [] }
        return [.say("cannot \(request.verb.rawValue) \(name(request.service)): \(ForeignText.line(error.message))")]
    }

    private mutating func tell(_ identity: ServiceIdentity, _ now: Int64) -> [Output] {
        guard let record = model[identity]?.record else { return [] }
        let line = line(record)
        let last = told[identity]
        guard last?.line != line else {
            pending[identity] = nil
            return []
        }
        if let last, now < last.at + Self.pace {
            pending[identity] = last.at + Self.pace
            return []
        }
        told[identity] = (now, line)
        return [.say(line)]
    }

    private mutating func number(_ identity: ServiceIdentity) {
        guard numbers[identity] == nil else { return }
        services.append(identity)
        numbers[identity] = services.count
    }

    private func name(_ identity: ServiceIdentity) -> String {
        "\(numbers[identity] ?? 0) \(ForeignText.line(identity.fullName))"
    }

    private func line(_ record: ServiceRecord) -> String {
        let state: String =
            switch record.state {
            case .stopped: "stopped"
            case .starting: "starting"
            case .running: "running"
            case .stopping: "stopping"
            case .error: "failed"
            }
        let url = record.url.map { ", \($0)" } ?? ""
        let error = record.error.map { ": \($0)" } ?? ""
        return
            "\(numbers[record.identity] ?? 0) \(ForeignText.line(record.identity.fullName + " " + state + url + error))"
    }

    private func list(onlyActive: Bool) -> [Output] {
        let shown = services.compactMap { model[$0]?.record }.filter { !onlyActive || $0.state != .stopped }
        let stopped = model.serviceCount - shown.count
        let lines = shown.map { Output.say(line($0)) }
        let rest = onlyActive && stopped > 0 ? ["\(stopped) more are stopped; a lists all"] : []
        return lines + (lines.isEmpty && rest.isEmpty ? [.say("there is no service")] : rest.map { .say($0) })
    }

    private var help: String {
        "Type the number of a service, a to list all, s to list what is not stopped, or q to quit."
    }

    // MARK: What is typed

    mutating func type(_ typed: String) -> [Output] {
        let word = String(
            String.UnicodeScalarView(typed.unicodeScalars.filter { !ForeignText.isControl($0) && $0 != " " }.prefix(40))
        )
        switch menu {
        case .main: return choose(word)
        case .service(let identity): return choose(word, for: identity)
        case .removal(let identity):
            menu = .main
            if word == "1" { return [.ask(Request(verb: .remove, service: identity))] }
            return [.say("kept"), .say(help)]
        }
    }

    private mutating func choose(_ word: String) -> [Output] {
        switch word {
        case "q": return [.quit]
        case "a": return list(onlyActive: false)
        case "s": return list(onlyActive: true)
        default:
            guard let number = Int(word), services.indices.contains(number - 1),
                let record = model[services[number - 1]]?.record
            else { return [.say(word.isEmpty || Int(word) == nil ? help : "there is no service \(word)")] }
            menu = .service(record.identity)
            return [
                .say(line(record)),
                .say("1 start, 2 stop, 3 restart, 4 last lines of its log, 5 why, 6 remove, 0 back"),
            ]
        }
    }

    private mutating func choose(_ word: String, for identity: ServiceIdentity) -> [Output] {
        let name = name(identity)
        let asked: (Request.Verb) -> [Output] = { verb in
            [.say("asked to \(verb.rawValue) \(name)"), .ask(Request(verb: verb, service: identity))]
        }
        let outputs: [Output]
        switch word {
        case "1": outputs = asked(.start)
        case "2": outputs = asked(.stop)
        case "3": outputs = asked(.restart)
        case "4": outputs = [.logs(identity)]
        case "5": outputs = [.why(identity)]
        case "6":
            menu = .removal(identity)
            return [.say("Remove \(name)? Its logs stay. 1 yes, 0 no")]
        case "0", "q": outputs = [.say(help)]
        default: return [.say("Type a number from 0 to 6.")]
        }
        menu = .main
        return outputs
    }
}
