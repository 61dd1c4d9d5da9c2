extension StreamFiles {
    /// Where a place of a cursor lies in the files.
    struct Location {
        var segment: LogSegment
        var offset: UInt64
        /// What lay between the place and here is gone.
        var isLost = false
        /// How much, where that can be known.
        var bytes: UInt64?
    }

    /// Nil where there are no files at all.
    func locate(_ place: LogCursor.Place) throws(LogReadError) -> Location? {
        var place = place
        if place.log == 0, place.position > 0 { place.log = try newest()?.log ?? 0 }
        if let tail, let position = position(of: place, in: tail) {
            return Location(segment: tail, offset: min(position, tail.end), isLost: position > tail.end)
        }
        if let found = try named(by: place) {
            return Location(segment: found, offset: place.position - found.base)
        }
        if place.log != 0, let found = try search(place) {
            try clip(found)
            // The file that had it was deleted, though an older one was not.
            if place.position > found.endPosition, let next = try next(after: found), next.log == place.log,
                next.base >= place.position
            {
                try clip(next)
                let bytes = next.base - place.position
                return Location(segment: next, offset: 0, isLost: bytes > 0, bytes: bytes)
            }
            return Location(segment: found, offset: min(place.position - found.base, found.end))
        }
        guard let oldest = try oldestOf(place.log) else { return nil }
        try clip(oldest)
        let isKnown = oldest.log == place.log && oldest.base > place.position
        return Location(
            segment: oldest, offset: 0, isLost: place.log != 0,
            bytes: isKnown ? oldest.base - place.position : nil)
    }

    /// The rotated file that has a place, where it has the number that the cursor tells: then no folder has to be read.
    private func named(by place: LogCursor.Place) throws(LogReadError) -> LogSegment? {
        guard tail != nil, place.log != 0, place.file > 0, let found = try rotated(place.file), found.log == place.log
        else {
            return nil
        }
        try clip(found)
        return found.base <= place.position && place.position <= found.endPosition ? found : nil
    }

    /// The offset in a file; nil where the place lies before it, or in another log.
    private func position(of place: LogCursor.Place, in segment: LogSegment) -> UInt64? {
        if place.log == segment.log { return place.position >= segment.base ? place.position - segment.base : nil }
        // It had no sidecar when the cursor was made.
        guard segment.header != nil, place.log != 0, let facts = FileFacts(descriptor: segment.data.descriptor),
            place.log == LogSegment.identity(facts)
        else { return nil }
        return place.position
    }

    /// The rotated file with the last base that is not behind the place. Bases grow with the numbers of the names.
    private func search(_ place: LogCursor.Place) throws(LogReadError) -> LogSegment? {
        var (low, high) = (0, try count())
        var found: LogSegment?
        while low < high {
            let middle = low + (high - low) / 2
            guard let segment = try file(at: middle) else {
                forget(at: middle)
                high -= 1
                continue
            }
            if segment.log != place.log {
                return try searchAll(place)
            } else if segment.base <= place.position {
                found = segment
                low = middle + 1
            } else {
                high = middle
            }
        }
        return found
    }

    /// The same, where files of several logs lie beside each other.
    private func searchAll(_ place: LogCursor.Place) throws(LogReadError) -> LogSegment? {
        var index = try count() - 1
        while index >= 0 {
            if let segment = try file(at: index), segment.log == place.log, segment.base <= place.position {
                return segment
            }
            index -= 1
        }
        return nil
    }

    /// The oldest file of that log, or of all where there is none of that.
    private func oldestOf(_ log: UInt64) throws(LogReadError) -> LogSegment? {
        guard let oldest = try oldest(), log != 0, oldest.log != log else { return try oldest() }
        var segment: LogSegment? = oldest
        while let candidate = segment, candidate.log != log { segment = try next(after: candidate) }
        return segment ?? oldest
    }
}
