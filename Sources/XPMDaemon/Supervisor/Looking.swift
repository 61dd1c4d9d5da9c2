import NIOCore
import XPMControl
import XPMProtocol
import XPMSupervision

/// Looks at the paths of services, away from the event loop: a file system may not answer, which is then the affair of the one
/// service.
extension Supervisor {
    /// How long the later requests of a client wait for a look that an earlier one needs. Where it takes longer, they overtake that.
    static let orderTime = TimeAmount.milliseconds(250)

    /// `then` is called on the loop, once, with what `body` has found, or with `file_system_unresponsive` where it has found nothing
    /// within `lookTime`. `action` is what cannot be done then: `start exp@r1:board`.
    func look<Found: Sendable>(
        at key: Workers.Key, to action: String, _ body: @escaping @Sendable () throws(WireError) -> Found,
        then: @escaping (Result<Found, WireError>) -> Void
    ) {
        Workers.launch.run(key, on: loop, within: lookTime) { Result { () throws(WireError) in try body() } }
            .assumeIsolated()
            .whenComplete { [findings] outcome in
                findings.add {
                    switch outcome {
                    case .success(let found): then(found)
                    case .failure(let error): then(.failure(WireError(unanswered: error, of: key, action)))
                    }
                }
            }
    }

    /// What is to be looked at before a service can be started with a plan.
    func launchLook(_ plan: ServicePlan, _ identity: ServiceIdentity, logs: LogPaths) -> LaunchLook {
        LaunchLook(
            service: identity.fullName, plan: plan, logs: logs.replaced(by: plan.log),
            own: [stateFolder, runtimeFolder])
    }

    /// Looks whether services could be started with these plans, all at once; `then` is told of the first of them that could not.
    func look(
        at launches: [(entry: ServiceEntry, plan: ServicePlan)],
        then: @escaping ((entry: ServiceEntry, fault: WireError)?) -> Void
    ) {
        let looks = launches.map { entry, plan in
            let look = launchLook(plan, entry.identity, logs: entry.ownLogs)
            return Look(key: .object(ObjectIdentifier(entry)), action: look.action) { () throws(WireError) in
                _ = try look.command()
                _ = try look.prepareLogs()
            }
        }
        look(looks) { first in then(first.map { (launches[$0.index].entry, $0.fault) }) }
    }

    /// One of several looks.
    struct Look {
        var key: Workers.Key
        var action: String
        var body: @Sendable () throws(WireError) -> Void
    }

    /// Looks at several things at once; `then` is told of the first of them that has a fault.
    func look(_ looks: [Look], then: @escaping ((index: Int, fault: WireError)?) -> Void) {
        var faults: [Int: WireError] = [:]
        var open = looks.count
        guard open > 0 else { return then(nil) }
        for (index, one) in looks.enumerated() {
            look(at: one.key, to: one.action, one.body) { result in
                if case .failure(let fault) = result { faults[index] = fault }
                open -= 1
                if open == 0 { then(faults.min { $0.key < $1.key }.map { ($0.key, $0.value) }) }
            }
        }
    }
}

/// What has to be looked at on the disk before a service can be started: may block, so it is for a worker.
struct LaunchLook: Sendable {
    let service: String
    let plan: ServicePlan
    let logs: LogPaths
    /// xpmd's own folders.
    let own: [String]

    var action: String { "start \(service)" }

    /// The file to run.
    func command() throws(WireError) -> String {
        try plan.log.refuse(files: own)
        return try plan.command(of: service)
    }

    /// Makes what is missing of its logs; the offset behind what each of them holds.
    func prepareLogs() throws(WireError) -> LogOffsets {
        do throws(LogFault) {
            let (stdout, stderr) = try logs.prepare()
            return LogOffsets(stdout: stdout, stderr: stderr)
        } catch {
            throw WireError(.startFailed, "cannot start \(service): \(error.clause)")
        }
    }

    /// Where an attempt's part of each log begins.
    struct LogOffsets: Sendable {
        var stdout: Int64
        var stderr: Int64
    }
}

extension WireError {
    /// What was to be looked at has not answered. What waits behind another look knows no path but its key's.
    init(unanswered error: any Error, of key: Workers.Key, _ action: String) {
        switch error {
        case var fault as Workers.Fault:
            if case .path(let path) = key, [.noAnswer(path: ""), .tooMuch].contains(fault) {
                fault = .noAnswer(path: path)
            }
            var data: [String: JSONValue] = [:]
            if case .noAnswer(let path) = fault, !path.isEmpty { data["path"] = .string(path) }
            self.init(
                fault == .noThread ? .startFailed : .fileSystemUnresponsive, "cannot \(action): \(fault)", data: data)
        default: self.init(.internalError, "cannot \(action): \(error)")
        }
    }
}
