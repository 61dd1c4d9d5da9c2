import Testing
import XPMProtocol

@testable import XPMWeb

@Suite struct ActivityTests {
    private static func identity(_ id: String) -> ServiceIdentity { record(id).identity }

    /// Runs the loop until so many reports were made.
    private func reports(
        _ count: Int, interval: Duration = .milliseconds(1), _ traffic: (EventLoop, ActivityReports) -> Void
    ) throws -> [String] {
        let loop = try EventLoop()
        var told: [String] = []
        let reports = ActivityReports(on: loop, interval: interval) { identity, open in
            told.append("\(identity.id) \(open)")
            if told.count == count { loop.stop() }
        }
        traffic(loop, reports)
        loop.run()
        return told
    }

    @Test func trafficThatIsOverIsToldOnce() throws {
        let told = try reports(1) { _, reports in
            let activity = ServiceActivity(Self.identity("lab"), reports)
            for _ in 0..<1000 {
                activity.begin()
                activity.data()
                activity.end()
            }
        }
        #expect(told == ["lab 0"])
    }

    @Test func whatGoesOnIsToldAgainAndItsEndIs() throws {
        let loop = try EventLoop()
        var told: [Int] = []
        var activity: ServiceActivity?
        let reports = ActivityReports(on: loop, interval: .milliseconds(1)) { _, open in
            told.append(open)
            if told.count == 3 { activity?.end() }
            if open == 0 { loop.stop() }
        }
        activity = ServiceActivity(Self.identity("lab"), reports)
        activity?.begin()
        loop.run()
        #expect(told == [1, 1, 1, 0])
    }

    @Test func servicesAreToldApart() throws {
        let told = try reports(2) { _, reports in
            ServiceActivity(Self.identity("a"), reports).begin()
            ServiceActivity(Self.identity("b"), reports).data()
        }
        #expect(told.sorted() == ["a 1", "b 0"])
    }

    @Test func xpmdIsToldByItsMethod() throws {
        let (loop, daemon) = (try EventLoop(), AskedDaemon())
        let reports = ActivityReports(on: loop, to: daemon)
        ServiceActivity(Self.identity("lab"), reports).begin()
        loop.after(.milliseconds(1)) { loop.stop() }
        loop.run()
        #expect(daemon.asked.map(\.method) == ["service.activity"])
        #expect(daemon.asked.first?.params.hasPrefix("{\"active\":true,\"service\":{") == true)
    }
}
