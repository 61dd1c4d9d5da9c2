import LogFixture
import SeededRandom
import Testing

@testable import XPMLogs

@Suite struct LogMergeTests {
    private struct Line: Equatable {
        var order: LogOrder
        var number: Int
    }

    /// Lines whose clocks go on, mostly, with many equal ones.
    private static func lines(_ random: inout SeededRandom, isDamaged: Bool) -> [Line] {
        var order = LogOrder(attempt: 1, boot: 0, time: 0)
        return (0..<Int.random(in: 0...40, using: &random)).map { number in
            if random.oneIn(8) { order.attempt += 1 }
            order.boot += UInt64.random(in: 0...2, using: &random)
            order.time = Int64.random(in: 0...2, using: &random)
            if isDamaged, random.oneIn(5) { order.boot /= 2 }
            return Line(order: order, number: number)
        }
    }

    @Test(arguments: 0..<200) func mergedIsSortedAndKeepsBothOrders(round: Int) {
        var random = SeededRandom(seed: SeededRandom.seed &+ UInt64(round))
        let isDamaged = round % 2 == 1
        var (out, err) = (Self.lines(&random, isDamaged: isDamaged), Self.lines(&random, isDamaged: isDamaged))
        if !isDamaged {
            out.sort { ($0.order, $0.number) < ($1.order, $1.number) }
            err.sort { ($0.order, $0.number) < ($1.order, $1.number) }
        }
        let merged = LogMerge.merged(stdout: out, stderr: err) { $0.order }
        #expect(merged.filter { $0.stream == .stdout }.map(\.entry) == out, "seed \(SeededRandom.seed)")
        #expect(merged.filter { $0.stream == .stderr }.map(\.entry) == err, "seed \(SeededRandom.seed)")
        if !isDamaged {
            for (one, next) in zip(merged, merged.dropFirst()) {
                #expect(
                    one.entry.order < next.entry.order
                        || one.entry.order == next.entry.order && one.stream <= next.stream)
            }
        }
        // Whoever goes on from any place finds the same.
        let cut = Int.random(in: 0...merged.count, using: &random)
        let rest = LogMerge.merged(
            stdout: Array(out.dropFirst(merged[..<cut].count { $0.stream == .stdout })),
            stderr: Array(err.dropFirst(merged[..<cut].count { $0.stream == .stderr }))
        ) { $0.order }
        #expect(rest.map(\.entry) == merged[cut...].map(\.entry), "seed \(SeededRandom.seed)")
    }

    @Test(arguments: 0..<100) func backwardsIsTheSameOrder(round: Int) {
        var random = SeededRandom(seed: SeededRandom.seed &+ UInt64(round))
        var (out, err) = (Self.lines(&random, isDamaged: false), Self.lines(&random, isDamaged: false))
        out.sort { ($0.order, $0.number) < ($1.order, $1.number) }
        err.sort { ($0.order, $0.number) < ($1.order, $1.number) }
        let merged = LogMerge.merged(stdout: out, stderr: err) { $0.order }
        var backwards: [Line] = []
        while let stream = LogMerge.last(stdout: out.last?.order, stderr: err.last?.order) {
            backwards.append(stream == .stdout ? out.removeLast() : err.removeLast())
        }
        #expect(backwards.reversed() == merged.map(\.entry), "seed \(SeededRandom.seed)")
    }

    @Test func equalsGoByTheirStream() {
        let order = LogOrder(attempt: 1, boot: 1, time: 1)
        #expect(LogMerge.next(stdout: order, stderr: order) == .stdout)
        #expect(LogMerge.last(stdout: order, stderr: order) == .stderr)
        #expect(LogMerge.next(stdout: nil, stderr: nil) == nil && LogMerge.last(stdout: nil, stderr: nil) == nil)
    }
}
