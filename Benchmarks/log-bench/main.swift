import CLinux
import Glibc
import XPMLogs

// What a logger costs, against a bare file, in one run.
//
//     log-bench LOGGER WRITER speed [ROUNDS]     MB/s of a writer, and processor time a GB
//     log-bench LOGGER WRITER memory STREAMS     what the logger has in memory, idle and when each stream has brought a line

struct Failure: Error { let text: String }

func fail(_ text: String) -> Failure { Failure(text: "\(text): \(String(cString: strerror(errno)))") }

func spawn(_ arguments: [String], input: Int32? = nil, output: Int32? = nil, error: Int32? = nil) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
    if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
    if let error { posix_spawn_file_actions_adddup2(&actions, error, 2) }
    let copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    var pid: pid_t = -1
    guard posix_spawnp(&pid, arguments[0], &actions, nil, copies, environ) == 0 else {
        throw fail("spawn \(arguments[0])")
    }
    return pid
}

/// User and system time of a process so far, in seconds.
func cpu(_ pid: pid_t) -> Double {
    guard let file = fopen("/proc/\(pid)/stat", "r") else { return 0 }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 2048)
    guard fgets(&buffer, 2048, file) != nil else { return 0 }
    let text = String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 13 ? (Double(fields[11]) ?? 0) / 100 + (Double(fields[12]) ?? 0) / 100 : 0
}

func seconds(_ usage: rusage) -> Double {
    let (user, system) = (usage.ru_utime, usage.ru_stime)
    return Double(user.tv_sec + system.tv_sec) + Double(user.tv_usec + system.tv_usec) / 1e6
}

func resident(_ pid: pid_t) -> String {
    guard let file = fopen("/proc/\(pid)/status", "r") else { return "?" }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    var found: [String] = []
    while fgets(&buffer, 512, file) != nil {
        let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if line.hasPrefix("VmRSS") || line.hasPrefix("Rss") || line.hasPrefix("Threads") {
            found.append(line.split(whereSeparator: { $0 == "\t" || $0 == " " || $0 == "\n" }).joined(separator: " "))
        }
    }
    return found.joined(separator: ", ")
}

final class Bench {
    let folder: String
    let client: LoggerClient
    let logger: pid_t
    var stream: UInt64 = 0
    var heard: [LoggerMessage] = []

    init(_ executable: String) throws {
        var template = Array("./bench-XXXXXX".utf8CString)
        guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }),
            let full = realpath(made, nil)
        else { throw fail("mkdtemp") }
        folder = String(cString: full)
        let state = "/dev/shm/xpm-bench-\(getpid())"
        mkdir(state, 0o700)
        let started = try LoggerLaunch(executable: executable, folder: state, logPath: folder + "/log").start()
        var byte: UInt8 = 0
        guard read(started.ready.descriptor, &byte, 1) == 1 else { throw fail("logger") }
        logger = started.pid
        client = try LoggerClient(folder: state)
    }

    func next(_ fits: (LoggerMessage) -> Bool) throws -> LoggerMessage {
        while true {
            if let index = heard.firstIndex(where: fits) { return heard.remove(at: index) }
            var entry = pollfd(
                fd: client.descriptor, events: Int16(POLLIN) | (client.awaitsWriting ? Int16(POLLOUT) : 0), revents: 0)
            poll(&entry, 1, -1)
            _ = client.flush()
            guard let messages = client.receive() else { throw fail("logger gone") }
            heard += messages
        }
    }

    func take(_ path: String, _ policy: RotationPolicy = .none) throws -> LogPipe {
        stream += 1
        let number = stream
        let pipe = try LogPipe()
        guard
            client.send(.take(TakeOrder(stream: number, attempt: 1, began: 0, path: path, policy: policy)), pipe.reader)
        else { throw fail("send") }
        _ = try next { $0 == .taken(stream: number) }
        return pipe
    }

    /// Seconds that a writer took, and seconds of processor time of writer and reader.
    func writer(_ program: String, _ bytes: Int, _ size: Int, into output: Int32) throws -> (wall: Double, cpu: Double)
    {
        var (reader, writer): (Int32, Int32) = (-1, -1)
        guard xpm_pipe(&reader, &writer) == 0 else { throw fail("pipe") }
        let pid = try spawn([program, "plain", "\(bytes)", "\(size)"], output: output, error: writer)
        close(writer)
        var usage = rusage()
        wait4(pid, nil, 0, &usage)
        var text = [UInt8](repeating: 0, count: 64)
        let count = read(reader, &text, 64)
        close(reader)
        let wall = Double(String(decoding: text[..<max(count - 1, 0)], as: UTF8.self)) ?? 0
        let time = seconds(usage)
        return (wall / 1e9, time)
    }

    func end() {
        kill(logger, SIGKILL)
        waitpid(logger, nil, 0)
        _ = try? spawn(["rm", "-rf", folder, "/dev/shm/xpm-bench-\(getpid())"]).self
        while wait(nil) > 0 {}
    }
}

func has(_ program: String) -> Bool {
    (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").contains {
        access($0 + "/" + program, X_OK) == 0
    }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func format(_ value: Double) -> String {
    let scaled = Int((value * 100).rounded())
    return "\(scaled / 100).\(scaled % 100 < 10 ? "0" : "")\(scaled % 100)"
}

func speed(_ bench: Bench, _ writer: String, _ rounds: Int) throws {
    let only = getenv("ONLY").flatMap { Int(String(cString: $0)) }
    for (size, bytes) in [(100, 100 << 20), (4096, 500 << 20)] where only == nil || only == size {
        var results: [String: [(Double, Double)]] = [:]
        var names: [String] = []
        func note(_ name: String, _ wall: Double, _ cpu: Double) {
            if results[name] == nil { names.append(name) }
            results[name, default: []].append((Double(bytes) / 1e6 / wall, cpu / (Double(bytes) / 1e9)))
        }
        for round in 0..<rounds {
            let bare = bench.folder + "/bare"
            let file = open(bare, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            let plain = try bench.writer(writer, bytes, size, into: file)
            note("bare file", plain.wall, plain.cpu)
            close(file)
            unlink(bare)

            let path = bench.folder + "/log-\(size)-\(round)"
            let before = cpu(bench.logger)
            let number = bench.stream + 1
            let piped = try { () throws in
                let pipe = try bench.take(path)
                return try bench.writer(writer, bytes, size, into: pipe.writer.descriptor)
            }()
            _ = try bench.next { if case .ended(number, _, _) = $0 { true } else { false } }
            note("xpm-logger", piped.wall, piped.cpu + cpu(bench.logger) - before)
            _ = bench.client.send(.forget(stream: number))
            unlink(path)
            unlink(path + ".times")

            let rotatedBefore = cpu(bench.logger)
            let rotating = try { () throws in
                let pipe = try bench.take(path, RotationPolicy(size: 10 << 20, age: 0, count: 2))
                return try bench.writer(writer, bytes, size, into: pipe.writer.descriptor)
            }()
            _ = try bench.next { if case .ended(number + 1, _, _) = $0 { true } else { false } }
            note("xpm-logger, rotating at 10 MiB", rotating.wall, rotating.cpu + cpu(bench.logger) - rotatedBefore)

            let to = bench.folder + "/other-\(size)-\(round)"
            mkdir(to, 0o700)
            for (name, command) in [("svlogd", ["svlogd", to]), ("s6-log", ["s6-log", "n20", "s100000000", to])]
            where getenv("ALONE") == nil && has(name) {
                var (reader, end): (Int32, Int32) = (-1, -1)
                guard xpm_pipe(&reader, &end) == 0 else { throw fail("pipe") }
                let other = try spawn(command, input: reader)
                close(reader)
                // They take long.
                let share = bytes / 8
                let result = try bench.writer(writer, share, size, into: end)
                close(end)
                var usage = rusage()
                wait4(other, nil, 0, &usage)
                let time = seconds(usage)
                note(name, result.wall * 8, (result.cpu + time) * 8)
            }
            while waitpid(try spawn(["rm", "-rf", to]), nil, 0) < 0 {}
        }
        let base = median((results["bare file"] ?? []).map(\.0))
        print("\(size)-byte writes, \(bytes >> 20) MiB, median of \(rounds) rounds:")
        for name in names {
            let rates = (results[name] ?? []).map(\.0)
            let cost = median((results[name] ?? []).map(\.1))
            print(
                "  \(name): \(format(median(rates))) MB/s (\(format(rates.min() ?? 0)) to \(format(rates.max() ?? 0))), "
                    + "\(format(median(rates) / base)) × bare, \(format(cost)) s of CPU a GB")
        }
    }
}

func memory(_ bench: Bench, _ count: Int) throws {
    print("no streams: \(resident(bench.logger))")
    var pipes: [LogPipe] = []
    for index in 0..<count {
        pipes.append(try bench.take(bench.folder + "/service-\(index / 2)-stream-\(index % 2).log"))
    }
    for index in 1...count {
        while true {
            _ = bench.client.send(.settle(stream: UInt64(index)))
            let answer = try bench.next { if case .settled(UInt64(index), _) = $0 { true } else { false } }
            if case .settled(_, isWritten: true) = answer { break }
        }
    }
    print("\(count) streams: \(resident(bench.logger))")
    for pipe in pipes { write(pipe.writer.descriptor, "a line\n", 7) }
    for index in 1...count { _ = bench.client.send(.settle(stream: UInt64(index))) }
    for index in 1...count { _ = try bench.next { if case .settled(UInt64(index), _) = $0 { true } else { false } } }
    print("each has brought a line: \(resident(bench.logger))")
    let before = cpu(bench.logger)
    sleep(5)
    print("processor time in 5 idle seconds: \(cpu(bench.logger) - before) s")
}

let arguments = CommandLine.arguments
guard arguments.count > 4, let count = Int(arguments[4]) else { exit(64) }
var limit = rlimit()
getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
limit.rlim_cur = limit.rlim_max
setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
let bench = try Bench(arguments[1])
defer { bench.end() }
switch arguments[3] {
case "speed": try speed(bench, arguments[2], count)
case "memory": try memory(bench, count)
default: exit(64)
}
