import ArgumentParser
import XPMClient
import XPMProtocol

/// The services of one command. All are asked at once, each is told of as its answer comes, and one failure stops no other.
final class Batch {
    /// What was typed, patterns being replaced by the services that match.
    let named: [NamedService]
    let session: Session
    private let options: ConnectionOptions
    private let verb: Hints.Verb?
    /// Whether a name may be that of a template as well.
    var namesTemplates = false
    private var failures: [Int: ExitCode] = [:]

    init(_ named: [NamedService], _ options: ConnectionOptions, _ session: Session, verb: Hints.Verb? = nil) {
        self.named = named
        self.session = session
        self.options = options
        self.verb = verb
    }

    /// The services that `words` mean, which may be patterns.
    convenience init(
        _ words: [String], _ options: ConnectionOptions, _ naming: NamingOptions, verb: Hints.Verb? = nil
    ) throws(WireError) {
        let session = try options.session()
        self.init(try NamedService.all(words, naming, session.connection), options, session, verb: verb)
    }

    /// Whether one service was named, and so what is printed need not tell whose it is.
    var isSingle: Bool { named.count == 1 && named[0].service == nil }

    /// The services as they were named. What cannot be a name is told of, and the others go on.
    func members(_ reference: (String, Connection) throws(WireError) -> ServiceReference) throws -> [Member] {
        var members: [Member] = []
        for (index, named) in named.enumerated() {
            try attempt(index) {
                if let fault = named.fault { throw fault }
                let service = try named.service ?? reference(named.text, session.connection)
                members.append(Member(index: index, service: service))
            }
        }
        return members
    }

    /// Asks all of `members` and hands over the replies as they come; a refusal is told of. `lost` is that of `Session.ask`.
    func ask<M: Method>(
        _ members: [Member], _ make: (ServiceReference) -> M, lost: (Member) throws -> Bool = { _ in false },
        take: (Member, M.Reply) throws -> Void
    ) throws {
        try session.ask(members, make: { make($0.service) }, lost: lost) { member, result in
            try attempt(member.index) { try take(member, result.get()) }
            return true
        }
    }

    /// Does what concerns one service alone: its failure is told of, and counts at the end.
    func attempt(_ index: Int, _ body: () throws -> Void) throws {
        do { try body() } catch let error as WireError {
            Failure.report(
                NearestNames.added(to: error, on: error.code == .notFound ? aside : nil, templates: namesTemplates)
                    .about(named[index].text), of: verb)
            failures[index] = ExitCode(error.code.exitCode)
        } catch let code as ExitCode {
            failures[index] = code
        }
    }

    /// A connection for questions beside those that wait for their answers; nil where xpmd is not there.
    private(set) lazy var aside: Connection? = try? options.connect(autostart: false)

    /// Ends with the exit code of the first failure, by the order of the names.
    func finish() throws {
        if let first = failures.min(by: { $0.key < $1.key }) { throw first.value }
    }
}
