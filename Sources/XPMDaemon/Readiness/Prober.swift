import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import XPMKeeping
import XPMProtocol

/// Makes single probes of one service, each within its time.
struct Prober {
    let loop: any EventLoop
    let commands: AuxiliaryCommands
    let names: NameLookup
    /// Where and with what environment commands run.
    let setting: CommandSetting
    /// Who may answer; nil where anybody may.
    var listeners: ListenerCheck?
    /// For whom names are looked up, by its key.
    var asker: Int64 = 0
    /// How the ports of a private network are reached; nil for a service of the machine's.
    var privatePorts: PrivatePorts?
    /// How much of a page is read, and who gets it, before it is known who answered.
    var bodyLimit = 0
    var read: ([UInt8]) -> Void = { _ in }

    /// Where an attempt at one place tells what it came to.
    private typealias Told = (ProbeOutcome) -> Void

    /// Begins a probe, in which the service has `time` to answer; `done` is called once, later. Not after it was cancelled.
    func probe(
        _ plan: ProbePlan, url: String?, within time: Duration, done: @escaping (ProbeOutcome) -> Void
    ) -> ProbeRun {
        let run = ProbeRun(loop: loop, time: time, done: done)
        switch plan {
        case .tcp(let host, let port) where privatePorts != nil && LocalHost.isLocal(host ?? "localhost"):
            run.begin()
            lookForListener(run, port)
        case .tcp(let host, let port):
            reach(host, run) { place, told in
                connect(run, told) { place.connect($0, port: port, on: loop) }
            }
        case .unix(let path):
            run.begin()
            connect(run, path, retry: .milliseconds(10))
        case .page(let own, let path, let status):
            guard let target = (own ?? url).flatMap(ProbeTarget.init)?.with(path: path) else {
                run.later(.notMade("its URL is not known yet"))
                break
            }
            if let privatePorts, LocalHost.isLocal(target.host) {
                run.begin()
                guard let path = privatePorts.sockets[target.port] else {
                    run.later(.failed("its network is private, and port \(target.port) is none of its ports"))
                    break
                }
                UnixStream.connect(path, on: loop).assumeIsolated().whenComplete { result in
                    switch result {
                    case .success(let stream) where run.isOver: _ = Glibc.close(stream)
                    case .success(let stream): get(target, status, run, run.finish) { $0.withConnectedSocket(stream) }
                    case .failure(let error): run.finish(.of(error))
                    }
                }
                break
            }
            reach(target.host, run) { place, told in ask(target, at: place, status, run, told) }
        case .command(let arguments):
            // It has its time from its keeper.
            run.command = commands.run(arguments, setting.with(url: url), output: .discarded, within: time) {
                run.finish($0.ofProbe)
            }
        }
        return run
    }

    /// Finds out where a host is, and has it asked there.
    private func reach(_ host: String?, _ run: ProbeRun, _ ask: @escaping (ProbePlace, @escaping Told) -> Void) {
        switch ProbeHost(host) {
        case .places(let places): attempt(run, at: places, ask)
        case .nowhere(let fault): run.later(.failed(fault))
        case .name(let name):
            let question = names.ask(name, for: asker, within: run.time) { answer in
                switch answer {
                case .addresses(let found): attempt(run, at: [ProbePlace(host: name, addresses: found)], ask)
                case .unknown(let fault): run.finish(.failed(fault))
                case .unanswered(let fault): run.finish(.notMade(fault))
                }
            }
            run.asks(question, for: name)
        }
    }

    /// Tries one place after the other until one answers as wanted.
    private func attempt(
        _ run: ProbeRun, at places: [ProbePlace], _ ask: @escaping (ProbePlace, @escaping Told) -> Void
    ) {
        run.begin()
        var outcomes: [ProbeOutcome] = []
        func next(_ rest: ArraySlice<ProbePlace>) {
            guard let place = rest.first else { return run.finish(.nowhere(outcomes)) }
            ask(place) { outcome in
                guard !run.isOver else { return }
                if outcome == .passed { return run.finish(outcome) }
                run.disconnect()
                run.endOwnWork()
                outcomes.append(outcome)
                next(rest.dropFirst())
            }
        }
        next(places[...])
    }

    private func bootstrap(_ run: ProbeRun) -> ClientBootstrap {
        ClientBootstrap(group: loop).connectTimeout(TimeAmount(run.time))
    }

    /// Connects to a Unix socket, and waits for room in its backlog as TCP does: who listens and accepts nobody is not ready.
    private func connect(_ run: ProbeRun, _ path: String, retry delay: TimeAmount) {
        UnixStream.connect(path, on: loop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let stream) where run.isOver: _ = Glibc.close(stream)
            case .success(let stream): connect(run, run.finish) { $0.withConnectedSocket(stream) }
            case .failure where run.isOver: break
            case .failure(let error as IOError) where error.errnoCode == EAGAIN:
                run.waitsForRoom()
                run.retry = loop.assumeIsolated().scheduleTask(in: delay) {
                    connect(run, path, retry: min(.nanoseconds(delay.nanoseconds * 2), Self.longestRetry))
                }
            case .failure(let error): run.finish(.of(error))
            }
        }
    }

    /// The kernel does not tell when a backlog has room again.
    private static let longestRetry = TimeAmount.milliseconds(500)

    private func connect(
        _ run: ProbeRun, _ told: @escaping Told, _ attempt: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) {
        attempt(bootstrap(run)).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel) where run.isOver: channel.close(promise: nil)
            case .success(let channel):
                run.channel = channel
                guard let listeners else { return told(.passed) }
                run.beginOwnWork(Self.unidentified)
                listeners.check(channel, done: told)
            case .failure(let error): told(.of(error))
            }
        }
    }

    private func ask(
        _ target: ProbeTarget, at place: ProbePlace, _ accepted: Set<Int>?, _ run: ProbeRun, _ told: @escaping Told
    ) {
        let connect = { (bootstrap: ClientBootstrap) in place.connect(bootstrap, port: target.port, on: loop) }
        guard target.isSecure else { return get(target, accepted, run, told, connect) }
        // To load the library and what the system knows of authorities takes longer than the loop may stand still.
        let verifies = target.isVerified
        run.beginOwnWork("OpenSSL was not loaded")
        Workers.system.run(.cryptography, on: loop) { try TLSClient.prepare(verifies: verifies) }
            .assumeIsolated()
            .whenComplete { result in
                guard !run.isOver else { return }
                run.endOwnWork()
                if case .failure(let fault) = result { return told(.of(fault)) }
                get(target, accepted, run, told, connect)
            }
    }

    /// A relay takes every connection, and knows only then whether the service does: the kernel's table tells it of that network.
    private func lookForListener(_ run: ProbeRun, _ port: Int) {
        guard let pid = privatePorts?.pid else { return run.later(.notMade("it has no process")) }
        Workers.system.run(.process(pid), on: loop) { TCPListener.isAny(inNetworkOf: pid, port: port) }
            .assumeIsolated()
            .whenComplete { result in
                if case .success(true) = result { return run.finish(.passed) }
                run.finish(.failed(ProbeOutcome.refused))
            }
    }

    private func get(
        _ target: ProbeTarget, _ accepted: Set<Int>?, _ run: ProbeRun, _ told: @escaping Told,
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) {
        let answer = loop.makePromise(of: PageAnswer.self)
        let bodyLimit = bodyLimit
        let bootstrap = bootstrap(run).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if target.isSecure {
                    let tls = try TLSClient(host: target.host, verifies: target.isVerified)
                    try channel.pipeline.syncOperations.addHandler(tls)
                }
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(
                    ProbeRequest(target: target, answer: answer, bodyLimit: bodyLimit))
            }
        }
        connect(bootstrap).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel) where run.isOver: channel.close(promise: nil)
            case .success(let channel): run.channel = channel
            case .failure(let error): answer.fail(error)
            }
        }
        answer.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let page) where accepted?.contains(page.status) ?? (200..<400).contains(page.status):
                read(page.body)
                // What answered counts only if it is the service's own.
                guard let listeners else { return told(.passed) }
                run.beginOwnWork(Self.unidentified)
                listeners.check(page.from, to: page.to, done: told)
            case .success(let page): told(.failed("it answered with status \(page.status)"))
            case .failure(let error): told(.of(error))
            }
        }
    }

    private static let unidentified = "xpmd could not find out who answers"
}

extension ProbeOutcome {
    /// What an error of NIO's says of the service, shortly.
    static func of(_ error: any Error) -> ProbeOutcome {
        switch error {
        case let error as NIOConnectionError:
            let outcomes = error.connectionErrors.map { of($0.error, at: $0.target) }
            return outcomes.first { if case .notMade = $0 { true } else { false } } ?? outcomes.first
                ?? .failed("it has no address")
        default: return of(error, at: nil)
        }
    }

    private static func of(_ error: any Error, at address: SocketAddress?) -> ProbeOutcome {
        switch error {
        case let error as IOError:
            let text = String(cString: strerror(error.errnoCode))
            // Without IPv6 there is no port at its addresses either.
            let isAbsent = error.errnoCode == EADDRNOTAVAIL && address?.protocol == .inet6 && !LocalHost.hasIPv6
            return Shortage.isMeant(by: error.errnoCode) && !isAbsent ? .notMade(text) : .failed(text)
        case ChannelError.eof: return .failed("it closed the connection without an answer")
        case ChannelError.connectTimeout(let time): return .failed("no answer within \(Duration(time).text)")
        case let error as TLSFault: return error.isOwn ? .notMade(error.reason) : .failed(error.reason)
        case is HTTPParserError: return .failed("its answer is not HTTP")
        default: return .failed("\(error)")
        }
    }
}
