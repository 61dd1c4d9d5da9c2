import ArgumentParser
import XPMClient
import XPMProtocol

/// The services of one command. All are asked at once, each is told of as its answer comes, and one failure stops no other.
final class Batch {
    /// The names as they were typed.
    let names: [String]
    let session: Session
    private let options: ConnectionOptions
    private let verb: Hints.Verb?
    private var failures: [Int: ExitCode] = [:]

    init(_ names: [String], _ options: ConnectionOptions, session: Session? = nil, verb: Hints.Verb? = nil)
        throws(WireError)
    {
        self.names = names
        if let session { self.session = session } else { self.session = try options.session() }
        self.options = options
        self.verb = verb
    }

    /// Whether what is printed has to tell whose it is.
    var isSingle: Bool { names.count == 1 }

    /// The services as they were named. What cannot be a name is told of, and the others go on.
    func members(_ reference: (String, Connection) throws(WireError) -> ServiceReference) throws -> [Member] {
        var members: [Member] = []
        for (index, name) in names.enumerated() {
            try attempt(index) {
                members.append(Member(index: index, service: try reference(name, session.connection)))
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
            Failure.report(error, of: verb)
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
