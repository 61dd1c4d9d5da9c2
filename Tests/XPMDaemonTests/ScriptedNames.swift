import NIOCore
import Synchronization

@testable import XPMDaemon

/// A resolver that hangs with each name until the test answers for it.
final class ScriptedNames: Sendable {
    private let loop: any EventLoop
    private let state = Mutex(State())
    /// The names that it was asked for.
    let asked: Record

    private struct State {
        var answers: [String: EventLoopPromise<NameAnswer>] = [:]
        var hanging = 0
        var most = 0
    }

    init(loop: any EventLoop) {
        self.loop = loop
        asked = Record(loop: loop)
    }

    /// How many names it was asked for at the same time, at most.
    var most: Int { state.withLock(\.most) }

    @Sendable func resolve(_ name: String) -> NameAnswer {
        let answer = state.withLock { state in
            state.hanging += 1
            state.most = max(state.most, state.hanging)
            return promise(name, &state).futureResult
        }
        asked.note(name)
        defer { state.withLock { $0.hanging -= 1 } }
        return (try? answer.wait()) ?? .unanswered("the test is over")
    }

    /// Answers for a name, now and from now on.
    func answer(_ name: String, _ answer: NameAnswer) {
        state.withLock { promise(name, &$0) }.succeed(answer)
    }

    /// Lets everything go that hangs.
    func end() {
        for promise in state.withLock({ $0.answers.values.map(\.self) }) {
            promise.succeed(.unanswered("the test is over"))
        }
    }

    private func promise(_ name: String, _ state: inout State) -> EventLoopPromise<NameAnswer> {
        let promise = state.answers[name] ?? loop.makePromise()
        state.answers[name] = promise
        return promise
    }
}
