import Glibc
import XPMClient
import XPMProtocol

/// Does what effects ask xpmd and other programs for, elsewhere: the loop hears of it by its inbox.
struct Requests: Sendable {
    let client: Client
    let inbox: Inbox
    let words: MonitorWords

    func ask(_ request: Request) {
        let (client, inbox) = (client, inbox)
        // Nobody waits for it: the answer is a message.
        Task {
            let service = ServiceReference(request.service)
            let fault = await Self.fault {
                switch request.verb {
                case .start: try await client.start(service)
                case .stop: try await client.stop(service)
                case .restart: try await client.restart(service)
                case .remove: try await client.remove(service)
                }
            }
            inbox.put(.answered(request, fault))
        }
    }

    func readLastLines(of service: ServiceIdentity, lines: Int = 3) {
        let (client, inbox) = (client, inbox)
        // As above.
        Task {
            let selection = LogSelection(lines: lines, isOfLastAttempt: true)
            let page = try? await client.logs(ServiceReference(service), selection)
            inbox.put(.lastLines(service, Self.texts(page)))
        }
    }

    /// Lines without colours.
    private static func texts(_ page: ServiceLogs.Page?) -> [String] {
        (page?.entries ?? []).filter { !$0.isNote && !$0.continues }.map { LogLine($0, source: 0).text }
    }

    /// Answers one question for lines of a log. A daemon that is away is asked again; who waits no longer cancels the task.
    func read(_ read: LogRead) -> Task<Void, Never> {
        let (client, inbox) = (client, inbox)
        // Its end is a message; the loop keeps it to be cancelled.
        return Task {
            while !Task.isCancelled {
                do {
                    let page = try await Self.page(read, client)
                    return inbox.put(.log(read, .success(page)))
                } catch let error as WireError {
                    guard EventReader.isTransient(error) else { return inbox.put(.log(read, .failure(error))) }
                    try? await Task.sleep(for: .seconds(1))
                } catch { return }
            }
        }
    }

    private static func page(_ read: LogRead, _ client: Client) async throws -> ServiceLogs.Page {
        let query = read.query
        let now = Timestamp.now.milliseconds
        let bounds = TimeRange.parse(query.range, now: now, zone: LocalTime.zone(at: now)) ?? TimeRange.Bounds()
        var selection = LogSelection(
            streams: query.streams, since: bounds.since.map { Timestamp(milliseconds: $0) },
            until: bounds.until.map { Timestamp(milliseconds: $0) }, grep: query.grep)
        let service = ServiceReference(query.services[read.source])
        switch read.place {
        case .after(let cursor, let waits):
            return try await client.logs(
                service, selection, after: cursor, wait: waits ? .seconds(50) : nil, partial: true)
        case .newest: selection.lines = LogQuery.lines
        case .before(let end, let lines):
            let until = end / 1000
            selection.until = Timestamp(milliseconds: min(until, bounds.until ?? until))
            selection.lines = lines
        }
        return try await whole(service, selection, client)
    }

    /// All of the last lines, which may be more than a page; of more than a screen can be told the last ones.
    private static func whole(
        _ service: ServiceReference, _ selection: LogSelection, _ client: Client
    ) async throws -> ServiceLogs.Page {
        var page = try await client.logs(service, selection, partial: true)
        var rounds = 0
        while page.more, rounds < 64 {
            let next = try await client.logs(service, selection, after: page.cursor, partial: true)
            var joined = next
            joined.entries = Array((page.entries + next.entries).suffix(LogBuffer.limit))
            joined.lost = page.lost + next.lost
            (page, rounds) = (joined, rounds + 1)
        }
        return page
    }

    /// Asks for all that is told of one service.
    func readDetail(of service: ServiceIdentity, at: @escaping @Sendable () -> Int64) {
        let (client, inbox, words) = (client, inbox, words)
        // As above.
        Task {
            let reference = ServiceReference(service)
            var facts = DetailFacts()
            do {
                let reply = try await client.status(reference, usage: true)
                facts.usage = reply.service.usage
                facts.definition = words.definition(reply)
                let events = try await client.call(ListEvents(limit: 5, service: reference)).events
                facts.transitions = events.map(words.event)
                facts.tail = Self.texts(try await client.logs(reference, LogSelection(lines: 5)))
                if let pid = reply.service.pid, GraphicsMemory.program != nil {
                    facts.gpuBytes = await withCheckedContinuation { continuation in
                        Thread.start { continuation.resume(returning: GraphicsMemory.bytes(below: pid)) }
                    }
                }
            } catch let error as WireError { facts.fault = error.message } catch { return }
            inbox.put(.detail(service, facts, at: at()))
        }
    }

    /// Why a service is in its state, in the words of `xpmctl why`.
    func explain(_ service: ServiceIdentity) {
        let (client, inbox, words) = (client, inbox, words)
        // As above.
        Task {
            let reference = ServiceReference(service)
            do {
                let reply = try await client.status(reference)
                let events = try await client.call(ListEvents(limit: 10, service: reference)).events
                let lines = words.why(reply, events).split(separator: "\n", omittingEmptySubsequences: false).map(
                    String.init)
                inbox.put(.page(Page(title: service.id, lines: lines)))
            } catch let error as WireError {
                inbox.put(.told(Notice(text: error.message, isFailure: true)))
            } catch { return }
        }
    }

    /// Gives `text` to tmux, which unlike OSC 52 needs no setting of it; tmux hands it on to the terminal's clipboard. Where it cannot, the
    /// sequence is all there is.
    func copyByTmux(_ text: String, environment: [String: String]) {
        guard text.utf8.count <= Clipboard.limit else { return }
        Thread.start {
            guard case .success(let file) = Clipboard.file(text, environment) else { return }
            defer { unlink(file) }
            let spawn = Spawn(
                path: "/usr/bin/env", arguments: ["env", "tmux", "load-buffer", "-w", file], environment: environment,
                files: [("/dev/null", O_RDONLY, 0), ("/dev/null", O_WRONLY, 1), ("/dev/null", O_WRONLY, 2)])
            if case .success(let process) = spawn.run() { _ = Spawn.wait(for: process) }
        }
    }

    /// Has a browser show it; told is only what goes wrong.
    func open(_ url: String, environment: [String: String]) {
        let inbox = inbox
        let browser = environment["BROWSER"].flatMap { $0.split(separator: ":").first.map(String.init) } ?? "xdg-open"
        Thread.start {
            let spawn = Spawn(
                path: "/usr/bin/env", arguments: ["env", browser, url], environment: environment,
                files: [("/dev/null", O_RDONLY, 0), ("/dev/null", O_WRONLY, 1), ("/dev/null", O_WRONLY, 2)],
                ownSession: true)
            guard case .success(let process) = spawn.run(), Spawn.wait(for: process) == 0 else {
                return inbox.put(
                    .told(
                        Notice(
                            text: "cannot open it: '\(browser)' found no browser; copy the URL instead", isFailure: true
                        )))
            }
        }
    }

    private static func fault(_ body: () async throws -> Void) async -> WireError? {
        do {
            try await body()
            return nil
        } catch let error as WireError {
            return error
        } catch {
            return WireError(.internalError, "cannot continue: \(error)")
        }
    }
}
