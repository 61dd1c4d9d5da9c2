import NIOCore
import Testing
import XPMProtocol

@testable import XPMDaemon

/// What checks of health come to where they can, or cannot, be made.
@Suite struct HealthWatchTests {
    private let fixture: ProbeFixture
    private let told: Record

    init() throws {
        fixture = try ProbeFixture()
        told = Record(loop: ProbeFixture.loop)
    }

    private func watch(_ policy: HealthPolicy) throws -> NIOLoopBound<HealthWatch> {
        try ProbeFixture.loop.submit { [told, prober = fixture.prober] in
            let watch = HealthWatch(
                plan: try HealthPlan(policy, folder: "/"), url: nil, prober: prober.value,
                callbacks: HealthWatch.Callbacks(
                    report: { report, cause in
                        told.note("\(cause ?? "the same"): \(report.failures), \(report.notChecked ?? "checked")")
                    },
                    unhealthy: { _ in told.note("unhealthy") }))
            watch.start()
            return NIOLoopBound(watch, eventLoop: ProbeFixture.loop)
        }.awaited("a watch")
    }

    private func end(_ watch: NIOLoopBound<HealthWatch>) throws {
        try ProbeFixture.loop.submit { watch.value.end() }.awaited("its end")
    }

    @Test func checkThatCannotBeMadeIsNoFailure() throws {
        let port = fixture.port
        let watch = try watch(
            HealthPolicy(
                tcp: TCPProbe(host: "db.example", port: port), intervalSeconds: 0.01, timeoutSeconds: 0.01,
                threshold: 1, action: .restart))
        // Three checks, during none of which the name server answers.
        let notes = try told.wait(for: 3)
        let obstacle =
            "health check of db.example:\(port) could not be made: the name server does not answer: "
            + "no address of 'db.example' within 0.01 s"
        #expect(
            notes.prefix(3) == [
                "a health check could not be made: 0, \(obstacle)", "the same: 0, \(obstacle)",
                "the same: 0, \(obstacle)",
            ])
        fixture.names.answer("db.example", .addresses([SocketAddress.literal("127.0.0.1")].compactMap(\.self)))
        var last = notes.count
        while told.entries.last?.hasPrefix("the same") == true {
            last += 1
            _ = try told.wait(for: last)
        }
        #expect(told.entries.last == "health checks work again: 0, checked")
        #expect(!told.entries.contains("unhealthy"))
        try end(watch)
    }

    @Test func failuresBeforeStayWhatTheyAre() throws {
        let hung = try fixture.begin(.tcp(host: "other", port: 1))
        let watch = try watch(
            HealthPolicy(
                tcp: TCPProbe(host: "db.example", port: 1), intervalSeconds: 0.01, timeoutSeconds: 0.01, threshold: 2))
        #expect(try told.wait(for: 1).first?.hasPrefix("a health check could not be made: 0, ") == true)
        fixture.names.answer("db.example", .unknown("no such name"))
        var count = 1
        while !told.entries.contains("unhealthy") {
            count += 1
            _ = try told.wait(for: count)
        }
        let failed = told.entries.filter { !$0.hasPrefix("the same") && !$0.hasPrefix("a health check could") }
        #expect(
            failed.prefix(3) == [
                "a health check failed: 1, checked", "a health check failed: 2, checked", "unhealthy",
            ])
        try end(watch)
        fixture.names.end()
        _ = try hung.awaited("the other probe")
    }

    @Test func oneThatGoesOnFailingHasNothingNewToTell() throws {
        let watch = try watch(
            HealthPolicy(
                tcp: TCPProbe(host: "db.example", port: fixture.port), intervalSeconds: 0.01, threshold: 4))
        fixture.names.answer("db.example", .unknown("no such name"))
        #expect(
            try told.wait(for: 9).prefix(9) == [
                "a health check failed: 1, checked", "the same: 2, checked", "the same: 3, checked",
                "a health check failed: 4, checked", "unhealthy", "the same: 5, checked", "the same: 6, checked",
                "the same: 7, checked", "the same: 8, checked",
            ])
        try end(watch)
    }

    @Test func probeThatFailsIsSeenBehindOneThatCannotBeMade() throws {
        let watch = try watch(
            HealthPolicy(
                tcp: TCPProbe(host: "db.example", port: 1), unix: UnixProbe(path: "/nonexistent/socket"),
                intervalSeconds: 0.01, timeoutSeconds: 0.01, threshold: 2))
        #expect(
            try told.wait(for: 3).prefix(3) == [
                "a health check failed: 1, checked", "a health check failed: 2, checked", "unhealthy",
            ])
        try end(watch)
    }
}
