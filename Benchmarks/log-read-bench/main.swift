import CLinux
import Glibc
import LogFixture
import XPMLogs

// log-read-bench make FOLDER MEGABYTES [LINES-A-RECORD] [FILE-MEGABYTES]: a log of 100-byte lines on both streams
// log-read-bench all|last|since|grep|follow FOLDER [N]: reads it, and tells how long that took
let arguments = CommandLine.arguments
guard arguments.count >= 3 else { exit(2) }
let folder = arguments[2]
let number = arguments.count > 3 ? Int(arguments[3]) ?? 100 : 100
let reader = LogReader(stdout: folder + "/stdout.log", stderr: folder + "/stderr.log")

func timed(_ name: String, _ work: () throws -> (bytes: Int, entries: Int, pages: Int)) rethrows {
    let start = xpm_microseconds(CLOCK_MONOTONIC)
    let began = xpm_microseconds(CLOCK_PROCESS_CPUTIME_ID)
    let result = try work()
    let cpu = xpm_microseconds(CLOCK_PROCESS_CPUTIME_ID) - began
    let time = xpm_microseconds(CLOCK_MONOTONIC) - start
    print(
        "\(name): \(Double(time) / 1000) ms, \(result.bytes) bytes, \(result.entries) entries, \(result.pages) pages,",
        "\(Int(Double(result.bytes) / Double(max(time, 1)))) MB/s; processor \(Double(cpu) / 1000) ms,",
        "\(Int(Double(result.bytes) / Double(max(cpu, 1)))) MB/s")
}

func read(_ first: LogQuery) throws -> (bytes: Int, entries: Int, pages: Int) {
    var (query, bytes, entries, pages) = (first, 0, 0, 0)
    while true {
        let page = try reader.page(query)
        (bytes, entries, pages) = (bytes + page.bytes.count, entries + page.entries.count, pages + 1)
        query.cursor = page.cursor
        if !page.more { return (bytes, entries, pages) }
    }
}

switch arguments[1] {
case "make":
    mkdir(folder, 0o700)
    let perRecord = arguments.count > 4 ? Int(arguments[4]) ?? 1 : 1
    let fileBytes = (arguments.count > 5 ? UInt64(arguments[5]) ?? 1 << 20 : 1 << 20) << 20
    let scribes = [try LogScribe(folder + "/stdout.log"), try LogScribe(folder + "/stderr.log", logID: 9)]
    for scribe in scribes { scribe.begin(attempt: 1, at: 1) }
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 91)
    var text: [UInt8] = []
    for index in 0..<number * 10_000 {
        let digits = String(10_000_000 + index).utf8
        text += digits + line + [10]
        if index % perRecord == perRecord - 1 {
            let scribe = scribes[index / perRecord % 10 == 0 ? 1 : 0]
            scribe.write(text, at: Int64(index), boot: UInt64(index))
            text = []
            if scribe.size > fileBytes { try scribe.rotate() }
        }
    }
case "all": try timed("all") { try read(LogQuery()) }
case "one": try timed("one stream") { try read(LogQuery(streams: [.stdout])) }
case "last": try timed("last \(number)") { try read(LogQuery(lines: number)) }
case "since": try timed("since") { try read(LogQuery(since: Int64(number))) }
case "grep":
    try timed("grep") {
        try read(LogQuery { line in line.count > 8 && line[4..<8].allSatisfy { $0 == UInt8(ascii: "9") } })
    }
case "empty":
    var query = LogQuery(lines: 0)
    query.cursor = try reader.page(query).cursor
    query.lines = nil
    try timed("1000 empty pages") {
        for _ in 0..<1000 { query.cursor = try reader.page(query).cursor }
        return (0, 0, 1000)
    }
    if let cursor = query.cursor {
        timed("1000 looks") {
            for _ in 0..<1000 where reader.hasMore(cursor) { exit(1) }
            return (0, 0, 1000)
        }
    }
case "check":
    // Numbered lines of one stream at a path, as they are read while they are written.
    let log = LogReader(stdout: folder, stderr: nil)
    var (query, next, breaks, count, losses, open) = (LogQuery(givesUnfinished: true), -1, 0, 0, 0, "")
    var faults: Set<LogReadFault> = []
    for _ in 0..<number * 1000 {
        let page = try log.page(query)
        faults.formUnion(page.faults)
        losses += page.lost.count
        for entry in page.entries {
            open += String(decoding: page.text(of: entry), as: UTF8.self)
            if entry.flags.contains(.isOpen) { continue }
            let value = Int(open.prefix { $0.isNumber }) ?? -1
            if value != next, next >= 0 {
                breaks += 1
                if breaks < 5 { print("at", entry.position, "expected", next, "got", open.prefix(40)) }
            }
            (next, count, open) = (value + 1, count + 1, "")
        }
        query.cursor = page.cursor
        if !page.more, !log.hasMore(page.cursor) { sched_yield() }
    }
    print("\(count) lines, up to \(next - 1), \(breaks) breaks, \(losses) losses, faults \(faults)")
default: exit(2)
}
