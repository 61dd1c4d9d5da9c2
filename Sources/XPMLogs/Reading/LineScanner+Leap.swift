extension LineScanner {
    /// Leaves out what its records tell not to be wanted: goes on to right before the next record of wanted bytes, or to the end of this
    /// file. A line may have begun before that; its rest is to be passed over. Does nothing where that would lead nowhere.
    mutating func leap(_ query: LogQuery, atMost work: Int) throws(LogReadError) {
        // `group` stands before all records of one offset, for they may end a line together.
        let kept = spot
        var (ahead, group) = (spot, spot)
        let limit = records.work + work
        while let record = ahead.record, record.offset < ahead.segment.end {
            if record.offset > ahead.offset {
                group = ahead
                ahead.offset = record.offset
            }
            _ = ahead.state.apply(record)
            ahead.applied = record.offset
            if query.admits(ahead.state) || records.work > limit {
                return land(group, before: ahead.offset, from: kept)
            }
            spot = ahead
            try fetch(from: ahead.index + 1)
            ahead = spot
        }
        land(ahead, before: ahead.segment.end, from: kept)
    }

    private mutating func land(_ group: Spot, before offset: UInt64, from kept: Spot) {
        spot = kept
        guard offset > kept.offset + 1 else { return }
        spot = group
        spot.offset = max(offset - 1, group.offset)
        spot.line = .skipped
    }
}
