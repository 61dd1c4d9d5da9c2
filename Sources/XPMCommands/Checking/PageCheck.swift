/// Loads a page through a gateway, and all that its HTML and style sheets name, and notes what is broken. Scripts are loaded, not run.
struct PageCheck {
    private var client: PageClient
    private let page: PageAddress
    /// Where the page is, after redirects.
    private var landed: PageAddress
    private(set) var report: CheckReport

    /// How much one page may load.
    private let mostRequests: Int
    private static let mostRedirects = 10
    private static let mostReferences = 2000
    /// Style sheets that import others, frames in frames.
    private static let mostDepth = 6

    private struct Task {
        var address: PageAddress
        var kind: PageReference.Kind
        var source: PageAddress?
        var depth: Int
    }

    private var tasks: [Task] = []
    private var seen: Set<PageAddress> = []

    /// A check of the page at `page`, with `mostRequests` requests.
    init(_ page: PageAddress, client: PageClient, mostRequests: Int = 1000) {
        (self.page, landed, self.client, self.mostRequests) = (page, page, client, mostRequests)
        report = CheckReport(url: page.text)
    }

    /// Loads everything, and opens the WebSockets at `sockets`, addresses as the page would have them. Nothing that is wrong ends it.
    mutating func run(sockets: [String] = []) {
        add(Task(address: page, kind: .page, source: nil, depth: 0))
        while let task = tasks.popLast() {
            guard report.requests < mostRequests else {
                report.note("only the first \(mostRequests) requests were made")
                break
            }
            load(task)
        }
        for text in sockets {
            guard let address = landed.resolve(text), address.hasOrigin(of: page) else {
                report.add(.socket, text, nil, "it is not on the page's origin")
                continue
            }
            open(address)
        }
    }

    private mutating func add(_ task: Task) { if seen.insert(task.address).inserted { tasks.append(task) } }

    private mutating func load(_ task: Task) {
        var address = task.address
        for _ in 0...Self.mostRedirects {
            report.requests += 1
            let answer: PageClient.Answer
            do throws(CheckFault) {
                answer = try client.load(address, as: task.kind, for: task.source)
            } catch {
                return report.add(task.kind, address.text, task.source, error.cause)
            }
            guard let location = answer.location, 300..<400 ~= answer.status else {
                return take(answer, of: task, at: address)
            }
            guard let next = address.resolve(location) else {
                return report.add(task.kind, address.text, task.source, "it redirects to '\(location)'")
            }
            guard next.hasOrigin(of: page) else {
                return report.add(task.kind, address.text, task.source, "it redirects to another origin: \(next.text)")
            }
            address = next
        }
        report.add(task.kind, task.address.text, task.source, "it redirects more than \(Self.mostRedirects) times")
    }

    private mutating func take(_ answer: PageClient.Answer, of task: Task, at address: PageAddress) {
        if task.source == nil { landed = address }
        guard 200..<300 ~= answer.status else {
            return report.add(task.kind, address.text, task.source, "status \(answer.status)")
        }
        // Servers that answer every path with their page hide a wrong one so; a browser refuses to use it.
        if [.script, .style, .font].contains(task.kind), answer.type == "text/html" {
            return report.add(task.kind, address.text, task.source, "there is a page of HTML in its place")
        }
        let isPage = answer.type == "text/html" && (task.kind == .page || task.kind == .frame)
        let isStyle = answer.type == "text/css" || task.kind == .style
        guard task.depth < Self.mostDepth, isPage || isStyle else { return }
        if isPage {
            let found = MarkupReferences(answer.content[...], limit: Self.mostReferences)
            let base = found.base.flatMap(address.resolve) ?? address
            follow(found.found, base: base, of: task, at: address)
            if let refresh = found.refresh {
                follow([PageReference(kind: task.kind, text: refresh)], base: base, of: task, at: address)
            }
        } else {
            let found = StyleReferences(answer.content[...], limit: Self.mostReferences)
            follow(found.found, base: address, of: task, at: address)
        }
    }

    private mutating func follow(
        _ references: [PageReference], base: PageAddress, of task: Task, at source: PageAddress
    ) {
        // The last one is loaded first.
        for reference in references.reversed() {
            guard let address = base.resolve(reference.text) else { continue }
            if address.hasOrigin(of: page) {
                add(Task(address: address, kind: reference.kind, source: source, depth: task.depth + 1))
            } else if !seen.insert(address).inserted {
                continue
            } else if address.isLocal {
                report.add(
                    reference.kind, address.text, source, "it leads around the gateway, to an address of this machine")
            } else {
                report.elsewhere.append(address.text)
            }
        }
    }

    private mutating func open(_ address: PageAddress) {
        report.requests += 1
        do throws(CheckFault) {
            let answer = try client.open(address)
            if answer.status != 101 {
                report.add(.socket, address.text, nil, "refused with status \(answer.status)")
            } else if answer.accept != PageClient.accept {
                report.add(.socket, address.text, nil, "Sec-WebSocket-Accept is wrong")
            }
        } catch {
            report.add(.socket, address.text, nil, error.cause)
        }
    }
}
