import NIOCore
import NIOPosix
import Testing

@testable import XPMDaemon

/// A keeper that does not answer is told of, after a question; one that merely has nothing to say is not.
@Suite struct AnswerWatchTests {
    /// What a watch does, in order, until it does `last`; `asked` is how often it was told of a request at first.
    private func notes(
        until last: String, requests: Int = 1, answering: Bool = false, then: @escaping (AnswerWatch) -> Void = { _ in }
    ) throws -> [String] {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        let loop = group.next()
        let done = loop.makePromise(of: [String].self)
        let then = UncheckedSendable(then)
        let kept = try loop.submit {
            var notes: [String] = []
            var watch: AnswerWatch?
            func note(_ text: String) {
                notes.append(text)
                if text == last { done.succeed(notes) }
            }
            watch = AnswerWatch(
                loop: loop, patience: .milliseconds(1),
                question: {
                    note("question")
                    if answering { watch?.heard() }
                },
                told: { isSilent in
                    note(isSilent ? "silent" : "answers")
                    if isSilent, let watch { then.value(watch) }
                })
            for _ in 0..<requests { watch?.asked() }
            return NIOLoopBound(watch, eventLoop: loop)
        }.awaited("a watch")
        defer { withExtendedLifetime(kept) {} }
        return try done.futureResult.awaited(last)
    }

    @Test func keeperThatHearsNothingIsToldOfOnce() throws {
        #expect(try notes(until: "silent", requests: 3) == ["question", "silent"])
    }

    @Test func keeperThatGoesOnIsToldOf() throws {
        #expect(try notes(until: "answers") { $0.heard() } == ["question", "silent", "answers"])
    }

    @Test func keeperThatAnswersTheQuestionIsNotBlamed() throws {
        // Asked once more after the answer, it is questioned once more.
        #expect(try notes(until: "question", answering: true) == ["question"])
    }
}

/// Only touched on the loop.
private struct UncheckedSendable<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
