import XPMClient
import XPMHTTP
import XPMProtocol

/// What xpm-web's own connections have carried.
struct WebTraffic {
    var openConnections = 0
    var requests = 0
}

/// Everything that `/metrics` tells.
struct Metrics {
    var model: MirrorModel
    /// Nil where xpmd did not tell.
    var usage: UsageSample?
    var traffic: WebTraffic?
    var liveStreams = 0
    var eventStreams = 0
    var daemonConnections = 0

    var text: String {
        var text = MetricsText()
        text.add("xpm_up", .gauge, "Whether xpmd answers.", [.init(model.connection == .live && usage != nil ? 1 : 0)])
        text.add("xpm_web_info", .gauge, "The version of xpm-web.", [.init(1, [("version", ProtocolVersion.product)])])
        addServices(&text)
        addUsage(&text)
        addOwn(&text)
        return text.text
    }

    private func addServices(_ text: inout MetricsText) {
        var counts: [ServiceState: Int] = [:]
        // Of those that only lie there the number is all that matters.
        var shown: [ServiceRecord] = []
        for service in model.services {
            counts[service.record.state, default: 0] += 1
            if service.record.state != .stopped || service.record.wanted { shown.append(service.record) }
        }
        shown.sort {
            ($0.identity.run.workspace, $0.identity.fullName) < ($1.identity.run.workspace, $1.identity.fullName)
        }
        text.add(
            "xpm_services", .gauge, "Services in each state, sub-services included.",
            ServiceState.allCases.map { .init(Double(counts[$0] ?? 0), [("state", $0.rawValue.lowercased())]) })
        func add(
            _ name: StaticString, _ kind: MetricsText.Kind, _ help: StaticString, _ value: (ServiceRecord) -> Double?
        ) {
            text.add(
                name, kind, help,
                shown.compactMap { record in
                    value(record).map { MetricsText.Sample($0, Self.labels(record.identity)) }
                })
        }
        add("xpm_service_up", .gauge, "Whether a service that runs, failed or should run is RUNNING.") {
            $0.state == .running ? 1 : 0
        }
        add("xpm_service_starts_total", .counter, "How often it was started.") { $0.starts.map(Double.init) }
        add("xpm_service_restarts_total", .counter, "Automatic restarts since it was last started on request.") {
            Double($0.restarts ?? 0)
        }
        add("xpm_service_failing_checks", .gauge, "Health checks in a row that failed.") {
            $0.health.map { Double($0.failures) }
        }
    }

    private func addUsage(_ text: inout MetricsText) {
        func add(
            _ name: StaticString, _ kind: MetricsText.Kind, _ help: StaticString, _ value: (UsageReport) -> Double?
        ) {
            text.add(
                name, kind, help,
                (usage?.entries ?? []).compactMap { entry in
                    value(entry.usage).map { MetricsText.Sample($0, Self.labels(entry.service)) }
                })
        }
        add("xpm_service_memory_bytes", .gauge, "Memory of all its processes.") { $0.memoryBytes.map(Double.init) }
        add("xpm_service_cpu_seconds_total", .counter, "Processor time since its attempt began.") { $0.cpuSeconds }
        add("xpm_service_processes", .gauge, "Its processes.") { $0.processes.map(Double.init) }
    }

    private func addOwn(_ text: inout MetricsText) {
        text.add(
            "xpm_web_streams", .gauge, "Open event streams of the API.",
            [
                .init(Double(liveStreams), [("stream", "live")]), .init(Double(eventStreams), [("stream", "events")]),
            ])
        text.add(
            "xpm_web_daemon_connections", .gauge, "Connections to xpmd for requests.",
            [.init(Double(daemonConnections))])
        guard let traffic else { return }
        text.add(
            "xpm_web_connections", .gauge, "Open connections of clients.", [.init(Double(traffic.openConnections))])
        text.add("xpm_web_requests_total", .counter, "Requests of clients.", [.init(Double(traffic.requests))])
    }

    private static func labels(_ service: ServiceIdentity) -> [(name: String, value: String)] {
        [
            ("workspace", service.run.workspace), ("experiment", service.run.experiment), ("run", service.run.run),
            ("service", service.id),
        ]
    }
}

extension API {
    /// `GET /metrics`: what is known, also while xpmd is away.
    func answerMetrics(_ exchange: Exchange) {
        usage.measure { [weak self] result in
            guard let self else { return }
            let metrics = Metrics(
                model: parts.live.model, usage: try? result.get(), traffic: parts.traffic(),
                liveStreams: feed.viewCount,
                eventStreams: eventStreams.count, daemonConnections: parts.link?.connections ?? 0)
            exchange.answer(APIAnswer.text(MetricsText.type, metrics.text))
        }
    }
}
