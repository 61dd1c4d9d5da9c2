import ScriptedDaemon
import Testing
import XPMClient
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

/// A page that shows `live`, as a browser's script would keep it.
struct LivePage {
    private(set) var services: [String: JSONValue] = [:]
    private(set) var runs: Set<String> = []
    private(set) var isWhole = false
    private(set) var snapshots = 0
    private(set) var lastID: String?
    private(set) var connection: String?
    private(set) var usage: [JSONValue] = []

    mutating func take(_ events: [StreamEvent]) {
        for event in events {
            lastID = event.id ?? lastID
            guard let data = event.data else { continue }
            if event.name == "usage" {
                usage.append(data)
                continue
            }
            if event.name == "snapshot" {
                if data["first"] == true { (services, runs, isWhole, snapshots) = ([:], [], false, snapshots + 1) }
                if data["more"] == false { isWhole = true }
            }
            connection = data["connection"]?.text ?? connection
            for gone in data["removed"]?.elements ?? [] { services[Self.key(gone)] = nil }
            for gone in data["removed_runs"]?.elements ?? [] { runs.remove(gone["run"]?.text ?? "") }
            for run in data["runs"]?.elements ?? [] { runs.insert(run["run"]?.text ?? "") }
            for service in data["services"]?.elements ?? [] { services[Self.key(service)] = service }
        }
    }

    private static func key(_ value: JSONValue) -> String { "\(value["run"]?.text ?? "")/\(value["id"]?.text ?? "")" }
}

struct LiveTests {
    private func service(
        _ id: String, _ state: ServiceState = .running, place: Int64 = 1,
        _ change: (inout ServiceRecord) -> Void = { _ in }
    ) -> MirroredService {
        MirroredService(Samples.service(id, state) { change(&$0) }, place: place)
    }

    private func many(_ count: Int) -> [MirrorChange] {
        [.runAdded(MirroredRun(Samples.experiment(services: count), place: 1)), .connectionChanged(.live)]
            + (0..<count).map { .serviceAdded(service("s\($0)", place: Int64($0))) }
    }

    private func open(_ api: APIFixture, _ query: String = "", last: String? = nil) throws -> FakeEnd {
        try api.ask("GET", "/api/v1/live\(query)", last.map { ["Last-Event-ID: \($0)"] } ?? [])
    }

    private func page(_ end: FakeEnd) -> LivePage {
        var page = LivePage()
        page.take(end.content.events)
        return page
    }

    @Test func aViewBeginsWithEverything() throws {
        let api = try APIFixture()
        api.live.apply(many(3))
        let end = try open(api)
        #expect(end.streamHead?.status == 200)
        #expect(
            end.streamHead?.fields.contains { $0.name.description == "Content-Type" && $0.value == "text/event-stream" }
                == true)
        let page = page(end)
        #expect(page.isWhole)
        #expect(page.services.keys.sorted() == ["s0", "s1", "s2"].map { "\(Samples.run.run)/\($0)" })
        #expect(page.runs == [Samples.run.run])
        #expect(page.connection == "connected")
    }

    @Test func anEmptyXpmdIsAWholeViewToo() throws {
        let page = page(try open(try APIFixture()))
        #expect(page.isWhole)
        #expect(page.services.isEmpty)
        #expect(page.connection == "connecting")
    }

    @Test func aRecordTellsWhereItCanBeOpened() throws {
        let api = try APIFixture()
        api.api.origin = { ServiceOrigin(label: "l-\($0.identity.id)", web: "http://l.localhost/") }
        api.live.apply(many(1))
        let record = page(try open(api)).services.values.first
        #expect(record?["label"]?.text == "l-s0")
        #expect(record?["web"]?.text == "http://l.localhost/")
        #expect(record?["place"]?.number == 0)
        #expect(record?["state"]?.text == "RUNNING")
    }

    /// Who makes the routes observes the model, too, and may have begun later.
    @Test func aRouteOfTheSameMomentIsTold() throws {
        let api = try APIFixture()
        var routes: Set<String> = []
        api.api.origin = { routes.contains($0.identity.id) ? ServiceOrigin(label: "l", web: "http://l/") : nil }
        api.live.observe { _ in routes = ["s0"] }
        let end = try open(api)
        api.live.apply(many(1))
        #expect(page(end).services.values.first?["web"]?.text == "http://l/")
    }

    @Test func changesFollowAndSayWhatIsGone() throws {
        let api = try APIFixture()
        api.live.apply(many(3))
        let end = try open(api)
        api.live.apply([
            .serviceChanged(service("s1", .error)), .serviceRemoved(ServiceIdentity(run: Samples.run, id: "s2")),
            .connectionChanged(.reconnecting(reason: "it \"died\"")),
        ])
        let events = end.content.events
        #expect(events.last?.name == "change")
        #expect(events.last?.data?["connection_reason"]?.text == "it \"died\"")
        let page = page(end)
        #expect(page.services.count == 2)
        #expect(page.services["\(Samples.run.run)/s1"]?["state"]?.text == "ERROR")
        #expect(page.connection == "reconnecting")
        #expect(page.snapshots == 1)
    }

    @Test func whatChangesQuicklyIsToldTogether() async throws {
        let events: Int = try await onLoop { test in
            let api = test.keep(API(.init(loop: test.loop, daemon: FakeDaemon(), live: LiveModel(), facts: .sample)))
            let (exchange, end) = try exchange("GET", "/api/v1/live")
            api.handle(exchange, path: "/api/v1/live", scope: .read)
            for number in 0..<1000 {
                api.parts.live.apply([.serviceAdded(MirroredService(Samples.service("s\(number)"), place: 1))])
            }
            end.content.written = { stream in
                let events = stream.events
                if events.last?.data?["services"]?.elements.contains(where: { $0["id"] == "s999" }) == true {
                    test.finish(events.count)
                }
            }
        }
        // The snapshot, the first change at once, and the rest some time later, in pieces of 64 KiB.
        #expect(events < 20)
    }

    @Test func aViewGoesOnWhereItWas() throws {
        let api = try APIFixture()
        api.live.apply(many(3))
        let first = page(try open(api))
        api.live.apply([.serviceChanged(service("s1", .error))])
        for end in [try open(api, last: first.lastID), try open(api, "?last=\(first.lastID ?? "")")] {
            var page = first
            page.take(end.content.events)
            #expect(page.snapshots == 1, "no second snapshot")
            #expect(end.content.events.map(\.name) == ["change"])
            #expect(page.services["\(Samples.run.run)/s1"]?["state"]?.text == "ERROR")
        }
    }

    @Test(arguments: ["other.3", "", ".", "x", "EPOCH.-1", "EPOCH.99999999", "EPOCH.1.2", "EPOCH.\u{661}"])
    func aPositionThatMeansNothingBeginsAnew(_ id: String) throws {
        let api = try APIFixture()
        api.live.apply(many(3))
        let end = try open(api, last: id.replacing("EPOCH", with: api.api.feed.epoch))
        #expect(end.content.events.first?.name == "snapshot")
        #expect(page(end).services.count == 3)
    }

    @Test func aPositionBeforeForgottenRemovalsBeginsAnew() throws {
        let api = try APIFixture()
        api.live.apply(many(9000))
        let first = page(try open(api))
        api.live.apply((0..<8500).map { .serviceRemoved(ServiceIdentity(run: Samples.run, id: "s\($0)")) })
        let end = try open(api, last: first.lastID)
        #expect(page(end).snapshots == 1)
        #expect(page(end).services.count == 500)
    }

    @Test func tenThousandServicesComeInSlices() throws {
        let api = try APIFixture()
        api.live.apply(many(10_000))
        let end = try open(api)
        let page = page(end)
        #expect(page.isWhole)
        #expect(page.services.count == 10_000)
        #expect(page.snapshots == 1)
        let sizes = StreamEvent.sizes(in: end.content.bytes)
        #expect(sizes.count > 10)
        #expect(sizes.allSatisfy { $0 < 2 * LiveFrame.size })
        #expect(end.content.events.dropLast().allSatisfy { $0.id == nil }, "half a snapshot is no position")
    }

    /// A view that reads now and then is a position: what waits for it does not grow, and it ends with what there is.
    @Test func aSlowViewKeepsNothingAndMissesNothing() throws {
        let api = try APIFixture()
        api.live.apply(many(1000))
        let (exchange, end) = try exchange("GET", "/api/v1/live")
        end.content.limit = 1
        api.api.handle(exchange, path: "/api/v1/live", scope: .read)
        for round in 0..<100 {
            for number in 0..<40 {
                api.live.apply([
                    .serviceChanged(service("s\((round * 37 + number) % 1000)", .error) { $0.starts = round })
                ])
            }
            if round % 10 == 0 { end.content.read() }
        }
        api.live.apply([.serviceRemoved(ServiceIdentity(run: Samples.run, id: "s7"))])
        for _ in 0..<100 { end.content.read() }
        #expect(end.content.mostUnread < 2 * LiveFrame.size)
        let page = page(end)
        #expect(page.snapshots == 1)
        #expect(page.services.count == 999)
        for (_, record) in page.services {
            let known = api.live.model[ServiceIdentity(run: Samples.run, id: record["id"]?.text ?? "")]?.record
            #expect(record["starts"]?.number == known?.starts.map(Int64.init))
        }
        #expect(api.api.feed.log.count < 5000)
    }

    @Test func aViewThatIsTooSlowForManyRemovalsBeginsAnew() throws {
        let api = try APIFixture()
        api.live.apply(many(9000))
        let (exchange, end) = try exchange("GET", "/api/v1/live")
        end.content.limit = 1
        api.api.handle(exchange, path: "/api/v1/live", scope: .read)
        for _ in 0..<3 { end.content.read() }
        api.live.apply((0..<8990).map { .serviceRemoved(ServiceIdentity(run: Samples.run, id: "s\($0)")) })
        for _ in 0..<10 { end.content.read() }
        let page = page(end)
        #expect(page.snapshots == 2)
        #expect(page.isWhole)
        #expect(page.services.count == 10)
    }

    @Test func aViewThatIsGoneIsForgotten() throws {
        let api = try APIFixture()
        let end = try open(api)
        #expect(api.api.feed.viewCount == 1)
        end.abort()
        #expect(api.api.feed.viewCount == 0)
        api.live.apply(many(3))
        #expect(page(end).services.isEmpty)
    }

    @Test func viewsAreBounded() throws {
        let api = try APIFixture()
        for _ in 0..<LiveFeed.mostViews { _ = try open(api) }
        let end = try open(api)
        #expect(end.answer?.head.status == 503)
        #expect(end.answer?.json?["error"]?["code"]?.text == "too_many_streams")
    }

    @Test func anOpenStreamShowsThatItLives() throws {
        let api = try APIFixture()
        let end = try open(api)
        let before = end.content.bytes.count
        api.api.feed.pulse.beat()
        #expect(end.content.bytes[before...].elementsEqual(":\n\n".utf8))
        end.abort()
        #expect(api.api.feed.pulse.count == 0)
    }

    @Test func headOpensNoStream() throws {
        let api = try APIFixture()
        let end = try api.ask("HEAD", "/api/v1/live", [])
        #expect(end.answer?.head.status == 200)
        #expect(api.api.feed.viewCount == 0)
    }
}

extension StreamEvent {
    /// The bytes of each event.
    static func sizes(in bytes: [UInt8]) -> [Int] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n\n").map(\.utf8.count)
    }
}

extension SessionFacts {
    static let sample = SessionFacts(user: "ada", version: "9.9", port: 4711, pathMode: false)
}
