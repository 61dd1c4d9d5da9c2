import NIOCore
import XPMProtocol

/// Asks a service whether it is busy, by a page or a command.
final class ActivityQuestion {
    /// How long the service has to answer.
    private static let patience = Duration.seconds(10)
    /// The most of a page that is read.
    private static let pageLimit = 1 << 20

    private var page: ProbeRun?
    private var command: AuxiliaryCommands.Run?
    private var done: ((ActivityAnswer) -> Void)?

    init(_ probe: IdlePlan.Probe, url: String?, _ prober: Prober, done: @escaping (ActivityAnswer) -> Void) {
        self.done = done
        switch probe {
        case .page(let path, let fields):
            var prober = prober
            prober.bodyLimit = Self.pageLimit
            // Whoever else answers there does not count.
            var answer = ActivityAnswer.unclear("it did not answer")
            prober.read = { answer = ActivityAnswer($0, fields) }
            page = prober.probe(.page(url: nil, path: path, status: nil), url: url, within: Self.patience) {
                [unowned self] outcome in
                switch outcome {
                case .passed: finish(answer)
                case .failed(let reason), .notMade(let reason): finish(.unclear(reason))
                }
            }
        case .command(let arguments):
            let setting = prober.setting.with(url: url)
            command = prober.commands.run(arguments, setting, output: .discarded, within: Self.patience) {
                [unowned self] outcome in
                switch outcome {
                case .exited(.code(0)): finish(.busy)
                case .exited(.code(1)): finish(.idle(since: nil))
                case .exited, .failed, .lost: finish(.unclear(outcome.fault ?? ""))
                }
            }
        }
    }

    func cancel() {
        done = nil
        page?.cancel()
        command?.cancel()
    }

    private func finish(_ answer: ActivityAnswer) {
        let then = done
        done = nil
        then?(answer)
    }
}
