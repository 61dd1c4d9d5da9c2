import SeededRandom
import Testing

@testable import XPMStore

/// Who loses events when there are too many.
struct EventShareTests {
    private func shares(_ counts: [Int64: Int64], gone: Set<Int64> = []) -> EventShares {
        var shares = EventShares()
        var last: Int64 = 0
        for (owner, count) in counts.sorted(by: { $0.key < $1.key }) {
            last += count
            shares.note(owner: owner, count: count, last: last, isGone: gone.contains(owner))
        }
        return shares
    }

    /// What each loses when `owner` adds so many.
    private func losses(
        _ shares: EventShares, adding count: Int64, of owner: Int64, limit: Int64, batch: Int64 = 1
    ) -> [Int64: Int64] {
        var changes = LogChanges()
        changes.added = (0..<count).map { (owner, 1_000_000 + $0) }
        let losses = shares.losses(with: changes, limit: limit, batch: batch)
        return Dictionary(uniqueKeysWithValues: losses.map { ($0.owner, $0.count) })
    }

    @Test func whoHasMostLosesAlone() {
        #expect(losses(shares([0: 3, 1: 40, 2: 900]), adding: 57, of: 2, limit: 900, batch: 100) == [2: 100])
        // Who adds is not who loses.
        #expect(losses(shares([0: 3, 1: 40, 2: 900]), adding: 57, of: 1, limit: 943) == [2: 57])
    }

    @Test func largestAreLoweredToOneLevel() {
        #expect(losses(shares([1: 10, 2: 100, 3: 80]), adding: 10, of: 1, limit: 150, batch: 50) == [2: 35, 3: 15])
        #expect(losses(shares([1: 30, 2: 30, 3: 30]), adding: 30, of: 3, limit: 91) == [3: 29])
    }

    @Test func ofEqualsTheLongestSilentLose() {
        #expect(losses(shares([1: 1, 2: 1, 3: 1, 4: 1]), adding: 2, of: 5, limit: 4) == [5: 1, 1: 1])
        #expect(losses(shares([1: 1, 2: 1, 3: 1, 4: 1]), adding: 1, of: 4, limit: 3, batch: 2) == [4: 1, 1: 1])
    }

    @Test func nothingGoesBeforeABatchHasGathered() {
        #expect(losses(shares([1: 100]), adding: 9, of: 1, limit: 100, batch: 10) == [:])
        #expect(losses(shares([1: 100]), adding: 10, of: 1, limit: 100, batch: 10) == [1: 10])
        // A lowered limit is reached a batch at a time.
        #expect(losses(shares([1: 1000]), adding: 1, of: 1, limit: 100, batch: 10) == [1: 10])
    }

    @Test func whoIsGoneHasOneShareWithAllOthers() {
        // A client that adds and removes services has as much as one service.
        let churned = Dictionary(uniqueKeysWithValues: (Int64(100)..<600).map { ($0, Int64(2)) })
        let all = shares(churned.merging([1: 300, 2: 300]) { $1 }, gone: Set(churned.keys))
        let lost = losses(all, adding: 10, of: 700, limit: 1510, batch: 100)
        #expect(lost.keys.allSatisfy { $0 >= 100 } && lost.values.reduce(0, +) == 100)
        // Of those the ones that went first.
        #expect(Set(lost.keys).isSubset(of: 100..<200))
    }

    @Test func thousandsOfServicesStayWithinTheLimit() {
        var all = shares(Dictionary(uniqueKeysWithValues: (Int64(1)...5000).map { ($0, Int64(1)) }))
        for owner in Int64(5001)...6000 {
            var changes = LogChanges()
            changes.added = [(owner, 10_000 + owner)]
            changes.removed = all.losses(with: changes, limit: 5000, batch: 256)
            all.apply(changes)
            #expect(all.total < 5256)
        }
    }

    /// Any events of any owners, some of whom go, against a log that holds them.
    @Test(arguments: 0..<20)
    func newestStaysAndNobodyLosesBeforeThoseWithMore(index: Int) {
        let seed = SeededRandom.seed &+ UInt64(index)
        var random = SeededRandom(seed: seed)
        var all = EventShares()
        var log: [Int64: [Int64]] = [:]
        var gone: Set<Int64> = []
        var sequence: Int64 = 0
        let limit = Int64(random.next() % 60) + 1
        for _ in 0..<400 {
            var changes = LogChanges()
            for _ in 0..<(random.next() % 6) {
                sequence += 1
                let owner = Int64(random.next() % 4 == 0 ? random.next() % 40 : random.next() % 3)
                changes.added.append((owner, sequence))
                log[owner, default: []].append(sequence)
            }
            if random.oneIn(5), let owner = log.keys.filter({ $0 != 0 }).randomElement(using: &random) {
                changes.gone.append(owner)
                gone.insert(owner)
            }
            changes.removed = all.losses(with: changes, limit: limit, batch: 4)
            for loss in changes.removed { log[loss.owner]?.removeFirst(Int(loss.count)) }
            log = log.filter { !$0.value.isEmpty }
            all.apply(changes)
            let total = Int64(log.values.reduce(0) { $0 + $1.count })
            #expect(all.total == total && total < limit + 4, "XPM_TEST_SEED=\(seed)")
            #expect(sequence == 0 || log.values.contains { $0.last == sequence }, "XPM_TEST_SEED=\(seed)")
            let losers = changes.removed.map(\.owner).filter { !gone.contains($0) }.map { log[$0]?.count ?? 0 }
            let others = log.filter { !gone.contains($0.key) }.map(\.value.count).max() ?? 0
            if let least = losers.min() { #expect(others <= least + 1, "XPM_TEST_SEED=\(seed)") }
        }
    }
}
