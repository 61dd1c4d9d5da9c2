import Glibc
import NIOCore
import XPMKeeping
import XPMProtocol

/// Where and with what environment a service's commands run.
struct CommandSetting {
    var folder: String
    var environment: [String: String]
    /// The names that a service finds itself by.
    var names: [String: String]

    /// The same with the service's URL in it.
    func with(url: String?) -> CommandSetting {
        var other = self
        other.names["XPM_URL"] = url
        return other
    }
}

/// Commands beside the services: probes and ways of stopping. The keeper runs each as an attempt of its own.
///
/// They are on no record: what is left of them after a crash is ended by the daemon that comes next. Their numbers tell them from strays.
final class AuxiliaryCommands {
    /// How a command ended.
    enum Outcome {
        case exited(XPMKeeping.ExitStatus)
        /// It could not be run, or its time was over.
        case failed(String)

        /// Nil for the exit code 0.
        var fault: String? {
            switch self {
            case .exited(.code(0)): nil
            case .exited(.code(let code)): "the command exited with code \(code)"
            case .exited(.signal(let number, _)): "the command was killed by \(SignalName.text(number))"
            case .exited(.unknown): "the command ended and its exit code is unknown"
            case .failed(let reason): reason
            }
        }
    }

    /// One command under way.
    final class Run {
        fileprivate let number: UInt64
        fileprivate var done: ((Outcome) -> Void)?
        fileprivate var deadline: Scheduled<Void>?
        private weak var commands: AuxiliaryCommands?

        fileprivate init(number: UInt64, commands: AuxiliaryCommands, done: @escaping (Outcome) -> Void) {
            self.number = number
            self.commands = commands
            self.done = done
        }

        /// Ends the command; nobody is told.
        func cancel() {
            done = nil
            deadline?.cancel()
            commands?.kill(self)
        }
    }

    private let keeper: KeeperLink
    private let loop: any EventLoop
    private let instance: String
    private var runs: [UInt64: Run] = [:]
    private var whenGone: (() -> Void)?

    init(keeper: KeeperLink, loop: any EventLoop, instance: String) {
        self.keeper = keeper
        self.loop = loop
        self.instance = instance
    }

    /// Runs a command with its output appended to `output`; `done` is called later, once.
    func run(
        _ arguments: [String], _ setting: CommandSetting, output: String, within time: Duration,
        done: @escaping (Outcome) -> Void
    ) -> Run {
        // Never a number of an attempt on record: those count up from 1.
        let run = Run(number: .random(in: .min ... .max) | 1 << 63, commands: self, done: done)
        let order: SpawnOrder
        do {
            let command = try CommandLookup.find(
                arguments.first ?? "", path: setting.environment["PATH"], folder: setting.folder, service: "the command"
            )
            let marker = "XPM_ATTEMPT=\(instance).\(run.number)"
            order = SpawnOrder(
                attempt: run.number, arguments: [command] + arguments.dropFirst(),
                environment: ServiceEnvironment.entries(setting.environment, names: setting.names, marker: marker),
                directory: setting.folder, standardOutput: output, standardError: output, marker: marker)
        } catch {
            later(run, .failed(error.message))
            return run
        }
        guard keeper.send(.spawn(order)) else {
            later(run, .failed("the command cannot be run: xpm-keeper is not running"))
            return run
        }
        runs[run.number] = run
        run.deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [unowned self] in
            kill(run)
            finish(run, .failed("the command did not end within \(time.text)"))
        }
        return run
    }

    /// Takes in what the keeper tells; false for what concerns no command.
    func handle(_ message: KeeperMessage) -> Bool {
        switch message {
        case .spawnFailed(let number, _, let code) where isOwn(number):
            runs.removeValue(forKey: number).map {
                finish($0, .failed("the command cannot be run: \(ExecFault.text(code))"))
            }
            checkGone()
        case .exited(let number, let status, _) where isOwn(number):
            runs[number].map { finish($0, .exited(status)) }
            // What it has left behind is nobody's.
            keeper.send(.kill(attempt: number))
        case .emptied(let number) where isOwn(number):
            runs[number] = nil
            keeper.send(.acknowledge(attempt: number))
            checkGone()
        case .spawned(let number, _, _) where isOwn(number), .spent(let number, _) where isOwn(number),
            .notified(let number, _, _) where isOwn(number), .processes(let number, _) where isOwn(number):
            break
        default: return false
        }
        return true
    }

    /// Ends all commands, of which nobody is told any more; `then` is called once they are gone, or after `time`. A keeper that
    /// has any would not end.
    func endAll(within time: Duration, then: @escaping () -> Void) {
        whenGone = then
        for run in runs.values { run.cancel() }
        _ = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [weak self] in self?.gone() }
        checkGone()
    }

    private func checkGone() { if runs.isEmpty { gone() } }

    private func gone() {
        let then = whenGone
        whenGone = nil
        then?()
    }

    /// The keeper is gone, and with it the end of every command.
    func keeperLost() {
        let lost = runs.values
        runs = [:]
        checkGone()
        for run in lost { finish(run, .failed("the result of the command is unknown: xpm-keeper was lost")) }
    }

    /// Whether a number is that of a command, not of an attempt at a service.
    static func isOwn(_ number: UInt64) -> Bool { number >> 63 == 1 }

    private func isOwn(_ number: UInt64) -> Bool { Self.isOwn(number) }

    private func kill(_ run: Run) {
        if runs[run.number] != nil { keeper.send(.kill(attempt: run.number)) }
    }

    private func finish(_ run: Run, _ outcome: Outcome) {
        run.deadline?.cancel()
        let done = run.done
        run.done = nil
        done?(outcome)
    }

    private func later(_ run: Run, _ outcome: Outcome) {
        loop.assumeIsolated().execute { [self] in finish(run, outcome) }
    }
}
