import Glibc
import XPMClient
import XPMProtocol

/// The xpm-web of one test's instance: the real program, with what a browser does with it.
///
///     let web = try WebPage(of: xpmd)
///     defer { web.end() }
///     let browser = try web.signIn()
///     let page = try browser.open("viewer")        // at the service's own origin
final class WebPage {
    private let instance: Instance
    private(set) var process: ChildProcess
    let port: UInt16

    /// Starts it, and returns once it says that it is ready.
    init(of instance: Instance) throws {
        self.instance = instance
        process = try Self.launch(instance)
        guard let port = WebAccess(stateFolder: instance.state).port else {
            throw TestFailure("xpm-web has kept no port")
        }
        self.port = port
    }

    /// Ends it, before the test looks what is left behind.
    func end() { process.kill() }

    /// Kills it, and starts the next one.
    func restart() throws {
        process.kill()
        process = try Self.launch(instance)
    }

    /// Starts one that does not get as far as being ready: how it ended, and what it said.
    static func fail(_ instance: Instance, _ arguments: [String] = []) throws -> (
        ending: ChildProcess.Ending, errors: String
    ) {
        let errors = "\(instance.scratch.path)/web.err"
        unlink(errors)
        let child = try ChildProcess(
            [Binaries.web] + arguments, environment: instance.environment,
            files: [2: (errors, O_WRONLY | O_CREAT | O_APPEND)])
        return (try child.wait(), text(of: errors))
    }

    private static func launch(_ instance: Instance) throws -> ChildProcess {
        // As xpmd does: the program says by sd_notify that it is ready.
        let path = "\(instance.scratch.path)/notify-web"
        unlink(path)
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer {
            close(listener)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw TestFailure(cannot: "listen at \(path)") }
        let child = try ChildProcess(
            [Binaries.web], environment: instance.environment.merging(["NOTIFY_SOCKET": path]) { $1 },
            files: [2: (instance.scratch.path + "/web.log", O_WRONLY | O_CREAT | O_APPEND)])
        var said: [UInt8] = Array(repeating: 0, count: 4096)
        guard try isReadable(listener, within: patience), case let count = recv(listener, &said, said.count, 0),
            count > 0,
            String(decoding: said[..<count], as: UTF8.self).split(separator: "\n").contains("READY=1")
        else {
            throw TestFailure("xpm-web does not say that it is ready: \(text(of: instance.scratch.path + "/web.log"))")
        }
        return child
    }

    // MARK: A browser

    /// A browser that is signed in.
    func signIn() throws -> Browser {
        let code = try WebAccess(stateFolder: instance.state).makeCode()
        let reply = try HTTPClient.send(
            "POST /api/sign-in", ["X-XPM-Request: 1", "Sec-Fetch-Site: same-origin"], port: port,
            body: "{\"code\":\"\(code)\"}")
        guard reply.status == 204, let cookie = reply.cookie else { throw TestFailure("cannot sign in: \(reply.head)") }
        return Browser(web: self, cookie: cookie)
    }
}

/// The cookies of one browser.
final class Browser {
    let web: WebPage
    /// That of the dashboard's origin.
    let cookie: String
    private var cookies: [String: String] = [:]

    init(web: WebPage, cookie: String) { (self.web, self.cookie) = (web, cookie) }

    /// What browsers send where a person opens a page.
    static let navigation = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: none", "Accept: text/html"]

    private var hosts: [String: String] = [:]

    /// The host of a service's origin.
    func host(_ id: String) throws -> String {
        if let known = hosts[id] { return known }
        let reply = try HTTPClient.send("GET /services/\(id)/", ["Cookie: \(cookie)"] + Self.navigation, port: web.port)
        guard let place = reply.field("location"), place.hasPrefix("http://") else {
            throw TestFailure("\(id) has no origin: \(reply.head)")
        }
        let host = String(place.dropFirst(7).prefix { $0 != "/" })
        hosts[id] = host
        return host
    }

    /// The cookie at a service's origin, which is entered where that is due.
    func cookie(at host: String) throws -> String {
        if let known = cookies[host] { return known }
        let first = try HTTPClient.send("GET /", Self.navigation, port: web.port, host: host)
        let second = try follow(first, ["Cookie: \(cookie)"])
        let third = try follow(second, [])
        guard third.status == 303, let own = third.cookie else {
            throw TestFailure("cannot enter \(host): \(third.head)")
        }
        cookies[host] = own
        return own
    }

    private func follow(_ reply: HTTPClient.Reply, _ fields: [String]) throws -> HTTPClient.Reply {
        guard let place = reply.field("location"), place.hasPrefix("http://") else {
            throw TestFailure("this leads nowhere: \(reply.head)")
        }
        let host = place.dropFirst(7).prefix { $0 != "/" }
        let path = place.dropFirst(7 + host.count)
        return try HTTPClient.send("GET \(path)", fields + Self.navigation, port: web.port, host: String(host))
    }

    /// What a person sees who opens a path of a service.
    func open(_ id: String, _ path: String = "/") throws -> HTTPClient.Reply {
        let host = try host(id)
        return try HTTPClient.send(
            "GET \(path)", ["Cookie: \(try cookie(at: host))"] + Self.navigation, port: web.port, host: host)
    }

    /// What a script of a service's page gets.
    func fetch(_ id: String, _ line: String, _ fields: [String] = [], body: String = "") throws -> HTTPClient.Reply {
        let host = try host(id)
        let own = ["Cookie: \(try cookie(at: host))", "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin"]
        return try HTTPClient.send(line, own + fields, port: web.port, host: host, body: body)
    }

    /// A connection on which a request of a service's page was sent, and nothing is read yet.
    func connect(_ id: String, _ line: String, _ fields: [String] = []) throws -> HTTPClient {
        let host = try host(id)
        let client = try HTTPClient(port: web.port)
        try client.write(line, ["Cookie: \(try cookie(at: host))"] + fields, host: host)
        return client
    }
}

/// Gives `body` an instance with a service `viewer` that runs, the web page, and a browser that is signed in.
func withRunningViewer(_ body: (Instance, WebPage, Browser) throws -> Void) throws {
    try withInstance { xpmd in
        try xpmd.launch()
        try TestBackend.add("viewer", to: xpmd.open("lab"), of: xpmd)
        try xpmd.start("viewer")
        let web = try WebPage(of: xpmd)
        defer { web.end() }
        try body(xpmd, web, web.signIn())
    }
}
