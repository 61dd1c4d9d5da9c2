import XPMProtocol

/// Cuts a log that comes in pieces into lines, and folds a line that a progress bar wrote again and again (`\r`) to its last state.
struct LineFolder {
    /// A line, or the part of it that is there.
    struct Line: Hashable {
        /// With its line end, where that is there.
        var text: String
        /// When it was begun, where that is known.
        var time: Timestamp?
        /// Whether its beginning was given out before.
        var isContinued = false
    }

    /// A line that never ends is given out in parts, so that nobody can make its reader hoard.
    private static let lineLimit = 1 << 20

    private var current: [UInt8] = []
    private var time: Timestamp?
    private var isReturned = false
    private var isContinued = false
    /// Whether the unfinished line has been written over already.
    private(set) var isProgress = false

    /// Takes in a piece; returns the lines that it completes.
    mutating func add(_ text: String, times: [ServiceLogs.LineTime] = []) -> [Line] {
        var times = Times(times)
        var lines: [Line] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let began = times.next()
            if current.isEmpty && !isReturned && !isContinued { time = began }
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            overwrite(with: rest[..<(end ?? rest.endIndex)])
            guard let end else { break }
            lines.append(take(with: isReturned ? "\r\n" : "\n"))
            isContinued = false
            rest = rest[(end + 1)...]
        }
        if current.count > Self.lineLimit { lines.append(give()) }
        return lines
    }

    /// The unfinished line as it stands now; nil where there is none.
    var unfinished: Line? {
        guard !current.isEmpty else { return nil }
        return Line(text: String(decoding: current, as: UTF8.self), time: time, isContinued: isContinued)
    }

    /// Ends the unfinished line, of which more will not come; nil where there is none.
    mutating func end() -> Line? {
        guard !current.isEmpty || isContinued else { return nil }
        defer { isContinued = false }
        return take(with: "\n")
    }

    /// Gives the unfinished line out; what comes of it later continues it.
    mutating func finish() -> Line? { current.isEmpty ? nil : give() }

    private mutating func give() -> Line {
        let line = take(with: "")
        isContinued = true
        return line
    }

    private mutating func take(with end: String) -> Line {
        let line = Line(text: String(decoding: current, as: UTF8.self) + end, time: time, isContinued: isContinued)
        current.removeAll(keepingCapacity: true)
        isReturned = false
        isProgress = false
        return line
    }

    private mutating func overwrite(with bytes: ArraySlice<UInt8>) {
        for (index, part) in bytes.split(separator: UInt8(ascii: "\r"), omittingEmptySubsequences: false).enumerated() {
            if index > 0 { isReturned = true }
            guard !part.isEmpty else { continue }
            if isReturned {
                isProgress = isProgress || !current.isEmpty
                current.removeAll(keepingCapacity: true)
                isReturned = false
            }
            current += part
        }
    }

    /// The times of lines one after the other.
    private struct Times {
        private var runs: ArraySlice<ServiceLogs.LineTime>
        private var used = 0

        init(_ runs: [ServiceLogs.LineTime]) { self.runs = runs[...] }

        mutating func next() -> Timestamp? {
            while let run = runs.first, used >= run.lines {
                runs.removeFirst()
                used = 0
            }
            used += 1
            return runs.first?.at
        }
    }
}
