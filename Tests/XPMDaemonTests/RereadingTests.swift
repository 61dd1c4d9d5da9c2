import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import XPMDaemon

/// What is read whenever it is needed, by a reader that counts, and hangs at a gate where it is told to.
@Suite struct RereadingTests {
    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    private final class Reader: Sendable {
        let gate = Gate()
        let hangs = Atomic(false)
        let value = Atomic(0)

        func read() -> Int {
            let value = value.load(ordering: .relaxed)
            if hangs.load(ordering: .relaxed) { gate.hang() }
            return value
        }
    }

    private func rereading(_ reader: Reader) async throws -> NIOLoopBound<Rereading<Int>> {
        try await Self.loop.submit {
            let workers = Workers(most: 4, mostOfKey: 1)
            return NIOLoopBound(
                Rereading("/file", as: -1, by: workers, on: Self.loop) { _ in reader.read() }, eventLoop: Self.loop)
        }.get()
    }

    /// Begins to renew it in one turn, as often as said; the outcomes are what was known then.
    private func renew(
        _ file: NIOLoopBound<Rereading<Int>>, times: Int = 1, patience: TimeAmount = .hours(1),
        within: TimeAmount? = nil
    ) async throws -> [EventLoopFuture<Int>] {
        try await Self.loop.submit {
            (0..<times).map { _ in
                let promise = Self.loop.makePromise(of: Int.self)
                file.value.renew(patience: patience, within: within) { promise.succeed(file.value.value) }
                return promise.futureResult
            }
        }.get()
    }

    @Test func everyUseReadsAnew() async throws {
        let reader = Reader()
        let file = try await rereading(reader)
        for value in 1...3 {
            reader.value.store(value, ordering: .relaxed)
            #expect(try await renew(file)[0].get() == value)
        }
    }

    @Test func whoComesDuringAReadingGetsOneThatBeganLater() async throws {
        let reader = Reader()
        let file = try await rereading(reader)
        reader.hangs.store(true, ordering: .relaxed)
        let first = try await renew(file)[0]
        reader.gate.await()
        reader.hangs.store(false, ordering: .relaxed)
        reader.value.store(1, ordering: .relaxed)
        let later = try await renew(file, times: 3)
        reader.gate.open()
        #expect(try await first.get() == 0)
        for one in later { #expect(try await one.get() == 1) }
    }

    @Test func whatDoesNotAnswerIsWaitedForOnceAndTakenWhenItHas() async throws {
        let reader = Reader()
        let file = try await rereading(reader)
        reader.value.store(1, ordering: .relaxed)
        _ = try await renew(file)[0].get()
        reader.hangs.store(true, ordering: .relaxed)
        reader.value.store(2, ordering: .relaxed)
        let changes = Self.loop.makePromise(of: Void.self)
        // All that wait are told at once, with what was known before.
        for one in try await renew(file, times: 3, patience: .milliseconds(1)) { #expect(try await one.get() == 1) }
        #expect(try await Self.loop.submit { file.value.hangs && file.value.fault == .noAnswer(path: "/file") }.get())
        // Nobody waits any more, nor is another thread taken by it.
        let next = try await renew(file)[0]
        #expect(try await next.get() == 1)
        try await Self.loop.submit { file.value.changed = { changes.succeed() } }.get()
        reader.hangs.store(false, ordering: .relaxed)
        reader.gate.open()
        try await changes.futureResult.get()
        #expect(try await Self.loop.submit { file.value.value == 2 && file.value.fault == nil }.get())
    }

    @Test func whoIsInAHurryGoesOnSooner() async throws {
        let reader = Reader()
        let file = try await rereading(reader)
        reader.hangs.store(true, ordering: .relaxed)
        #expect(try await renew(file, within: .milliseconds(1))[0].get() == -1)
        #expect(try await Self.loop.submit { !file.value.hangs && file.value.isReading }.get())
        reader.gate.open()
    }
}
