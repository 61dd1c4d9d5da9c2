/// How many events of the log each owner has: a service, an experiment, a watched workspace, or the daemon itself.
///
/// When the log is full, those who have the most lose their oldest events, so that everybody keeps as many as there is room for.
/// Owners that are gone have one share together, or whoever adds and removes services would empty the history of the others.
struct EventShares: Equatable {
    /// The owner of the daemon's own events.
    static let daemon: Int64 = 0
    /// How many events more than the limit gather before some are removed: once in that many, not in each commit.
    static let batch: Int64 = 256

    private struct Share: Equatable {
        var count: Int64
        /// Its newest event.
        var last: Int64
        var isGone: Bool
    }

    /// What an owner loses: its oldest events.
    struct Loss: Hashable {
        var owner: Int64
        var count: Int64
    }

    private var shares: [Int64: Share] = [:]
    /// All events, those of owners that are gone included.
    private(set) var total: Int64 = 0

    /// An owner as it was found in the log.
    mutating func note(owner: Int64, count: Int64, last: Int64, isGone: Bool) {
        total += count - (shares[owner]?.count ?? 0)
        shares[owner] = Share(count: count, last: last, isGone: isGone)
    }

    /// A transaction is on the disk.
    mutating func apply(_ changes: LogChanges) {
        for event in changes.added {
            var share = shares[event.owner] ?? Share(count: 0, last: 0, isGone: false)
            share.count += 1
            share.last = event.sequence
            shares[event.owner] = share
        }
        total += Int64(changes.added.count)
        for owner in changes.gone { shares[owner]?.isGone = true }
        for loss in changes.removed {
            guard let share = shares[loss.owner] else { continue }
            let left = max(0, share.count - loss.count)
            total -= share.count - left
            shares[loss.owner] = left == 0 ? nil : Share(count: left, last: share.last, isGone: share.isGone)
        }
    }

    /// What is to go with a transaction for the log to have `limit` events; nothing before `batch` more than that have gathered. A
    /// transaction removes no more than it adds or a batch, so that a lowered limit is reached over the next ones.
    ///
    /// Who loses is found in time that grows with the owners, once in a batch. The newest event of all is never among it.
    func losses(with changes: LogChanges, limit: Int64, batch: Int64 = EventShares.batch) -> [Loss] {
        let added = Int64(changes.added.count)
        let excess = total + added - limit
        guard added > 0, excess >= min(batch, limit) else { return [] }
        var after = self
        after.apply(changes)
        return after.losses(min(excess, max(added, batch)))
    }

    private struct Member {
        /// Nil for all who are gone.
        var owner: Int64?
        var count: Int64
        var last: Int64
    }

    private func losses(_ excess: Int64) -> [Loss] {
        var (members, gone): ([Member], [Member]) = ([], [])
        for (owner, share) in shares {
            let member = Member(owner: owner, count: share.count, last: share.last)
            if share.isGone { gone.append(member) } else { members.append(member) }
        }
        if !gone.isEmpty {
            members.append(
                Member(
                    owner: nil, count: gone.reduce(0) { $0 + $1.count }, last: gone.reduce(0) { max($0, $1.last) }))
        }
        return Self.lowered(members, by: excess).flatMap { loss in
            loss.owner == nil ? Self.lowered(gone, by: loss.count) : [loss]
        }
        .compactMap { loss in loss.owner.map { Loss(owner: $0, count: loss.count) } }
    }

    /// What each loses where `excess` go in all: the largest are lowered to one level. Of the odd ones those go whose owners have been
    /// silent for longest.
    private static func lowered(_ members: [Member], by excess: Int64) -> [Member] {
        let members = members.sorted { $0.count > $1.count }
        var rest = excess
        for (index, member) in members.enumerated() {
            let size = Int64(index + 1)
            let next = index + 1 < members.count ? members[index + 1].count : 0
            let room = (member.count - next) * size
            if rest > room, index + 1 < members.count {
                rest -= room
                continue
            }
            let (each, odd) = min(rest, room).quotientAndRemainder(dividingBy: size)
            let losers = members[...index].sorted { $0.last < $1.last }
            return losers.enumerated().map { place, loser in
                let loss = loser.count - member.count + each + (place < odd ? 1 : 0)
                return Member(owner: loser.owner, count: loss, last: loser.last)
            }
            .filter { $0.count > 0 }
        }
        return []
    }
}

/// What a transaction does to the log of events.
struct LogChanges {
    /// In the order of their numbers.
    var added: [(owner: Int64, sequence: Int64)] = []
    /// Owners that are no more.
    var gone: [Int64] = []
    var removed: [EventShares.Loss] = []
}
