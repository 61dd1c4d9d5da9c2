import Glibc
import NIOCore
import XPMKeeping
import XPMLogs
import XPMProtocol

/// Where and with what environment a service's commands run.
struct CommandSetting {
    var folder: String
    var environment: [String: String]
    /// The names that a service finds itself by.
    var names: [String: String]
    /// How long what is left of a command has between SIGTERM and SIGKILL: as long as the service itself.
    var grace = Duration.seconds(StopPolicy.defaultGraceSeconds)
    /// As whose work its paths are looked at.
    var key = Workers.Key.program

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
/// What they leave behind, and a command that takes too long, gets the ladder of a stop: SIGTERM, the grace, SIGKILL.
final class AuxiliaryCommands {
    /// How a command ended.
    enum Outcome {
        case exited(XPMKeeping.ExitStatus)
        /// It could not be run, or its time was over.
        case failed(String)
        /// It was not run, or how it ended is lost, for reasons that are not its own.
        case lost(String)

        /// Nil for the exit code 0.
        var fault: String? {
            switch self {
            case .exited(.code(0)): nil
            case .exited(.code(let code)): "the command exited with code \(code)"
            case .exited(.signal(let number, _)): "the command was killed by \(SignalName.text(number))"
            case .exited(.unknown): "the command ended and its exit code is unknown"
            case .failed(let reason), .lost(let reason): reason
            }
        }

        /// What it says of the service that it looked at.
        var ofProbe: ProbeOutcome {
            switch self {
            case .exited(.unknown), .lost: .notMade(fault ?? "")
            case .exited, .failed: fault.map(ProbeOutcome.failed) ?? .passed
            }
        }
    }

    /// One command under way.
    final class Run {
        fileprivate let number: UInt64
        fileprivate var done: ((Outcome) -> Void)?
        /// Nobody wants it any more: it is not begun.
        fileprivate var isOver = false
        fileprivate var deadline: Scheduled<Void>?
        fileprivate let grace: Duration
        /// Whether its process was made, as far as the keeper has said.
        fileprivate var hasBegun = false
        /// SIGKILL to what is left of it, once it was told to end.
        fileprivate var killing: Scheduled<Void>?
        private weak var commands: AuxiliaryCommands?

        fileprivate init(
            number: UInt64, commands: AuxiliaryCommands, grace: Duration, done: ((Outcome) -> Void)? = nil
        ) {
            self.number = number
            self.commands = commands
            self.grace = grace
            self.done = done
        }

        /// Ends the command; nobody is told.
        func cancel() {
            forget()
            commands?.end(self)
        }

        fileprivate func forget() {
            isOver = true
            done = nil
            deadline?.cancel()
        }
    }

    /// How long it may take to find a command's file.
    private static let lookTime = TimeAmount.seconds(5)

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

    /// Where a command's output is appended.
    struct Output: Sendable {
        var path: String
        /// Where others write there by way of pipes, so does the command.
        var rotation: RotationPolicy?

        static let discarded = Output(path: LogPaths.discarded)
    }

    /// Runs a command with its output appended to `output`; `done` is called later, once.
    func run(
        _ arguments: [String], _ setting: CommandSetting, output: Output, within time: Duration,
        done: @escaping (Outcome) -> Void
    ) -> Run {
        // Never a number of an attempt on record: those count up from 1.
        let run = Run(
            number: .random(in: .min ... .max) | 1 << 63, commands: self, grace: setting.grace, done: done)
        run.deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [unowned self] in
            end(run)
            finish(
                run,
                run.hasBegun
                    ? .failed("the command did not end within \(time.text)")
                    : .lost("the command was not started within \(time.text): xpm-keeper does not answer"))
        }
        Workers.launch.run(setting.key, on: loop, within: Self.lookTime) {
            Result { () throws(WireError) in
                try CommandLookup.find(
                    arguments.first ?? "", path: setting.environment["PATH"], folder: setting.folder,
                    service: "the command")
            }
        }
        .assumeIsolated()
        .whenComplete { [weak self] outcome in
            guard let self, !run.isOver else { return }
            switch outcome {
            case .success(.success(let command)): spawn(run, [command] + arguments.dropFirst(), setting, output)
            case .success(.failure(let error)): finish(run, .failed(error.message))
            case .failure(let fault): finish(run, .lost("the command cannot be run: \(fault)"))
            }
        }
        return run
    }

    private func spawn(_ run: Run, _ arguments: [String], _ setting: CommandSetting, _ output: Output) {
        let marker = "XPM_ATTEMPT=\(instance).\(run.number)"
        var extras = SpawnExtras()
        extras.rotation = output.rotation
        let order = SpawnOrder(
            attempt: run.number, arguments: arguments,
            environment: ServiceEnvironment.entries(setting.environment, names: setting.names, marker: marker),
            directory: setting.folder, standardOutput: output.path, standardError: output.path, marker: marker,
            extras: extras)
        guard whenGone == nil, keeper.send(.spawn(order)) else {
            return finish(run, .lost("the command cannot be run: xpm-keeper is not running"))
        }
        runs[run.number] = run
    }

    /// Takes in what the keeper tells; false for what concerns no command.
    func handle(_ message: KeeperMessage) -> Bool {
        switch message {
        case .spawnFailed(let number, let stage, let code) where isOwn(number):
            let reason = "the command cannot be run: \(ExecFault.text(code))"
            let isShortage = stage == .resources || Shortage.isMeant(bySpawn: code)
            runs.removeValue(forKey: number).map { finish($0, isShortage ? .lost(reason) : .failed(reason)) }
            checkGone()
        case .exited(let number, let status, _) where isOwn(number):
            // What it has left behind is nobody's.
            if let run = runs[number] {
                finish(run, .exited(status))
                end(run)
            } else {
                keeper.send(.kill(attempt: number))
            }
        case .emptied(let number) where isOwn(number):
            runs.removeValue(forKey: number)?.killing?.cancel()
            keeper.send(.acknowledge(attempt: number))
            checkGone()
        case .spawned(let number, _, _) where isOwn(number): runs[number]?.hasBegun = true
        case .spent(let number, _) where isOwn(number), .notified(let number, _, _) where isOwn(number),
            .processes(let number, _) where isOwn(number):
            break
        default: return false
        }
        return true
    }

    /// Ends all commands, of which nobody is told any more; `then` is called once they are gone, or after `time`. A keeper that
    /// has any would not end.
    func endAll(within time: Duration, then: @escaping () -> Void) {
        whenGone = then
        // All services have had their grace by now: nobody waits for another one.
        for run in runs.values {
            run.forget()
            kill(run)
        }
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
        for run in lost {
            run.killing?.cancel()
            finish(run, .lost("the result of the command is unknown: xpm-keeper was lost"))
        }
    }

    /// Ends a command that a daemon before this one has asked for: nobody wants to know its outcome.
    func end(inherited number: UInt64) {
        let run = Run(number: number, commands: self, grace: .seconds(StopPolicy.defaultGraceSeconds))
        runs[number] = run
        end(run)
    }

    /// Whether a number is that of a command, not of an attempt at a service.
    static func isOwn(_ number: UInt64) -> Bool { number >> 63 == 1 }

    private func isOwn(_ number: UInt64) -> Bool { Self.isOwn(number) }

    /// SIGTERM to every process of it, once, and SIGKILL to what is left after the grace.
    private func end(_ run: Run) {
        guard runs[run.number] != nil, run.killing == nil else { return }
        keeper.send(.deliver(attempt: run.number, signal: SIGTERM, to: .tree, resumes: true))
        run.killing = loop.assumeIsolated().scheduleTask(in: TimeAmount(run.grace)) { [weak self, weak run] in
            if let run { self?.kill(run) }
        }
    }

    private func kill(_ run: Run) {
        if runs[run.number] != nil { keeper.send(.kill(attempt: run.number)) }
    }

    private func finish(_ run: Run, _ outcome: Outcome) {
        run.isOver = true
        run.deadline?.cancel()
        let done = run.done
        run.done = nil
        done?(outcome)
    }
}
