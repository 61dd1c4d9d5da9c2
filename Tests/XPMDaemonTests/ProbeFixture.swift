import Glibc
import Logging
import NIOCore
import NIOPosix
import XPMKeeping

@testable import XPMDaemon

/// A prober whose names are the test's, without a keeper.
final class ProbeFixture {
    static let loop = NIOSingletons.posixEventLoopGroup.next()
    let names: ScriptedNames
    let prober: NIOLoopBound<Prober>
    /// Accepts every connection, on 127.0.0.1.
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }

    init() throws {
        let loop = Self.loop
        let names = ScriptedNames(loop: loop)
        self.names = names
        listener = try ServerBootstrap(group: loop).bind(host: "127.0.0.1", port: 0).awaited("a port")
        prober = try loop.submit {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let keeper = KeeperLink(
                launch: KeeperLaunch(executable: "/nonexistent", socketPath: "/nonexistent", logPath: "/dev/null"),
                loop: loop, logger: logger)
            let prober = Prober(
                loop: loop, commands: AuxiliaryCommands(keeper: keeper, loop: loop, instance: "test"),
                names: NameLookup(loop: loop, resolve: names.resolve),
                setting: CommandSetting(folder: "/", environment: ["PATH": "/bin:/usr/bin"], names: [:]))
            return NIOLoopBound(prober, eventLoop: loop)
        }.awaited("a prober")
    }

    deinit {
        names.end()
        listener.close(promise: nil)
    }

    /// Begins a probe.
    func begin(_ plan: ProbePlan, within time: Duration = .seconds(60)) throws -> EventLoopFuture<ProbeOutcome> {
        let outcome = Self.loop.makePromise(of: ProbeOutcome.self)
        try Self.loop.submit { [prober] in
            // Each is another service's.
            var prober = prober.value
            prober.asker = .random(in: 1 ... .max)
            _ = prober.probe(plan, url: nil, within: time) { outcome.succeed($0) }
        }.awaited("a probe")
        return outcome.futureResult
    }

    /// What a probe comes to.
    func probe(_ plan: ProbePlan, within time: Duration = .seconds(60)) throws -> ProbeOutcome {
        try begin(plan, within: time).awaited("a probe's outcome")
    }
}
