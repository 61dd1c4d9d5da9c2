import XPMClient
import XPMHTTP
import XPMProtocol

@testable import XPMWeb

/// A gateway without sockets: requests are texts, answers are values.
final class GatewayFixture {
    let scratch = ScratchFolder()
    let live = LiveModel()
    let daemon = AskedDaemon()
    let loop: EventLoop
    let access: Access
    let gateway: Gateway
    let web: WebAccess
    private(set) var reports: [(ServiceIdentity, open: Int)] = []

    init(port: UInt16? = 8470, pathMode: Bool = false, hosts: Set<String> = []) throws {
        loop = try EventLoop()
        live.apply([.connectionChanged(.live)])
        web = WebAccess(stateFolder: scratch.path)
        access = try Access(stateFolder: scratch.path, port: port)
        var sink: (ServiceIdentity, Int) -> Void = { _, _ in }
        let reports = ActivityReports(on: loop) { sink($0, $1) }
        gateway = Gateway(
            GatewaySettings(hosts: OriginName.Hosts(port: port, others: hosts), pathMode: pathMode), access: access,
            live: live, daemon: daemon, api: makeAPI(daemon, live, loop), reports: reports,
            assets: { $0 == "/" ? ("text/html", "\"tag\"", Array("dashboard".utf8)) : nil })
        sink = { [weak self] in self?.reports.append(($0, open: $1)) }
    }

    /// Adds or changes a service.
    @discardableResult
    func put(_ record: ServiceRecord) -> ServiceIdentity {
        let service = MirroredService(record, place: 0)
        var run = ExperimentRecord(identity: record.identity.run, runMode: .normal, openedAt: .now)
        run.services = 1
        live.apply([
            .runAdded(MirroredRun(run, place: 0)),
            live.model[record.identity] == nil ? .serviceAdded(service) : .serviceChanged(service),
        ])
        return record.identity
    }

    /// Sends a request: its first line, and fields; Host is added where none is given.
    @discardableResult
    func send(_ line: String, _ fields: [String] = [], host: String = "localhost:8470", body: String = "")
        -> RecordedEnd
    {
        let hasHost = fields.contains { $0.lowercased().hasPrefix("host:") }
        let lines = ["\(line) HTTP/1.1"] + (hasHost ? [] : ["Host: \(host)"]) + fields
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = RequestParser()
        let isWhole = bytes.withUnsafeBytes { buffer in (try? parser.parse(buffer)) ?? false }
        precondition(isWhole, "the request of a test cannot be parsed: \(lines)")
        let end = RecordedEnd(body: Array(body.utf8))
        let exchange = Exchange(head: parser.head, bytes: bytes, peer: "127.0.0.1", end: end)
        end.exchange = exchange
        gateway.handle(exchange)
        return end
    }

    /// The cookie of a browser that has signed in at the dashboard.
    func signIn() throws -> String {
        let code = try web.makeCode()
        let end = send("POST /api/sign-in", ["X-XPM-Request: 1"], body: "{\"code\":\"\(code)\"}")
        return cookie(of: end)
    }

    /// The cookie of a signed-in browser that has entered the origin of a label.
    func enter(_ label: String, with cookie: String) -> String {
        let there = send("GET /enter?label=\(label)&to=/", [cookie] + Self.navigation)
        let place = there.field("Location") ?? ""
        let path = place.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        return self.cookie(of: send("GET \(path)", Self.navigation, host: "\(label).localhost:8470"))
    }

    /// What browsers send where a person opens a page.
    static let navigation = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: none", "Accept: text/html"]

    private func cookie(of end: RecordedEnd) -> String {
        "Cookie: " + (end.field("Set-Cookie").map { String($0.prefix { $0 != ";" }) } ?? "none=1")
    }
}

func makeAPI(_ daemon: any DaemonRequests, _ live: LiveModel, _ loop: EventLoop) -> API {
    let facts = SessionFacts(user: "somebody", port: 8470, pathMode: false)
    return API(.init(loop: loop, daemon: daemon, live: live, facts: facts))
}

/// A service of a test, with a page at a port.
func record(
    _ id: String, _ state: ServiceState = .running, experiment: String = "mnist", run: String = "20261130_101500",
    workspace: String = "/work", url: String? = "http://127.0.0.1:6006/",
    _ change: (inout ServiceRecord) -> Void = { _ in }
) -> ServiceRecord {
    let owner = RunIdentity(workspace: workspace, experiment: experiment, run: run)
    var record = ServiceRecord(
        identity: ServiceIdentity(run: owner, id: id), runMode: .normal, description: id, state: state, since: .now)
    record.url = state == .running ? url : nil
    record.revision = 1
    change(&record)
    return record
}

/// What became of an exchange.
final class RecordedEnd: ExchangeEnd {
    weak var exchange: Exchange?
    private var kept: Exchange?
    let body: [UInt8]
    private(set) var answered: Answer?
    private(set) var forwarded: Forward?

    init(body: [UInt8]) { self.body = body }

    func answer(_ answer: Answer) {
        precondition(answered == nil, "an exchange is answered once")
        answered = answer
    }

    func collect(limit: Int, _ done: @escaping ([UInt8]) -> Void) {
        if body.count > limit { answered = Answer(413) } else { done(body) }
    }

    func stream(_ head: AnswerHead) -> any ResponseStream { fatalError("the gateway streams nothing itself") }

    func forward(_ forward: Forward) {
        precondition(forwarded == nil && answered == nil, "an exchange has one end")
        forwarded = forward
        kept = exchange
    }

    /// Has the backend fail.
    func fail(_ failure: BackendFailure) {
        guard let kept, let forwarded else { return }
        self.forwarded = nil
        forwarded.failed(kept, failure)
    }

    func whenAborted(_ aborted: @escaping () -> Void) {}

    var status: Int? { answered?.head.status }
    var text: String { String(decoding: answered?.body ?? [], as: UTF8.self) }

    func field(_ name: String) -> String? { answered?.head.fields.first { $0.name.description == name }?.value }

    /// The head that the backend gets.
    var backendHead: String {
        guard let forwarded, let kept else { return "" }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
        defer { memory.deallocate() }
        return kept.bytes.withUnsafeBytes { bytes in
            let count = forwarded.request.write(kept.head, in: bytes, into: memory) ?? 0
            return String(decoding: memory[..<count], as: UTF8.self)
        }
    }
}

/// An xpmd that answers when a test says so.
final class AskedDaemon: DaemonRequests {
    private(set) var asked: [(method: String, params: String, done: (Result<[UInt8], WireError>) -> Void)] = []

    private final class Nothing: DaemonRequest {
        func cancel() {}
    }

    func request(
        _ method: String, params: [UInt8], waits: Bool, done: @escaping (Result<[UInt8], WireError>) -> Void
    ) -> any DaemonRequest {
        asked.append((method, String(decoding: params, as: UTF8.self), done))
        return Nothing()
    }

    func count(_ method: String) -> Int { asked.count { $0.method == method } }

    /// Answers the oldest request of a method.
    func answer(_ method: String, _ result: Result<String, WireError>) {
        guard let place = asked.firstIndex(where: { $0.method == method }) else { return }
        asked.remove(at: place).done(result.map { Array($0.utf8) })
    }

    /// Answers with lines of a log.
    func answerLogs(_ lines: String...) {
        let entries = lines.map { ServiceLogs.Entry(.stdout, attempt: 1, microseconds: 0, text: $0) }
        let page = ServiceLogs.Page(entries, cursor: "c")
        answer("service.logs", .success(String(decoding: (try? Wire.encode(page)) ?? [], as: UTF8.self)))
    }
}
