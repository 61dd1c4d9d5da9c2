import XPMLogs

@testable import XPMKeeping

/// One of each kind, with the values at which encodings go wrong.
enum Samples {
    private static let foreign: SpawnExtras = {
        var extras = SpawnExtras(nice: 1)
        extras.caller.umask = 0o27
        extras.caller.nice = -20
        extras.caller.oomScore = -1000
        extras.caller.cpus = [0, 1, 8191]
        extras.caller.limits = [.init(resource: 7, soft: 0, hard: .max)]
        return extras
    }()

    private static let piped: SpawnExtras = {
        var extras = foreign
        extras.rotation = RotationPolicy(size: .max, age: 0, count: 5, rotatesAtStart: true)
        extras.terminal = TerminalSize(columns: .max, rows: 1)
        return extras
    }()

    private static let adopted: AdoptOrder = {
        var order = AdoptOrder(attempt: 1, pid: 2, startTime: 3, marker: "m", cgroup: "", notifySocket: "")
        (order.standardOutput, order.standardError) = ("/a", "/b")
        order.rotation = RotationPolicy(size: 1, age: 2, count: 3)
        order.hasTerminal = true
        return order
    }()

    static let requests: [KeeperRequest] = [
        .hello(minimum: 1, maximum: .max),
        .spawn(
            SpawnOrder(
                attempt: .max, arguments: ["/bin/sh", "-c", "echo ü\n", ""], environment: [], directory: "/",
                standardOutput: "/tmp/a", standardError: "/tmp/b", marker: "XPM_ATTEMPT=1")),
        .adopt(AdoptOrder(attempt: 0, pid: .max, startTime: 0x0102_0304_0506_0708, marker: "")),
        .signal(attempt: 1, signal: -1),
        .kill(attempt: 2),
        .acknowledge(attempt: 3),
        .shutdown,
        .useCgroup(folder: "/user.slice/x"),
        .spawn(
            SpawnOrder(
                attempt: 1, arguments: ["/bin/true"], environment: ["A=B"], directory: "/", standardOutput: "/tmp/a",
                standardError: "/tmp/a", marker: "",
                extras: SpawnExtras(
                    nice: -5, oomScore: 1000, resourceLimits: [.init(resource: 7, limit: .max)], memory: 1 << 40,
                    tasks: 7, cpuWeight: 100, notifySocket: "/run/n", journal: "e@r:s"))),
        .spawn(
            SpawnOrder(
                attempt: 2, arguments: ["/bin/true"], environment: [], directory: "/", standardOutput: "/tmp/a",
                standardError: "/tmp/a", marker: "", extras: foreign)),
        .adopt(
            AdoptOrder(attempt: 1, pid: 2, startTime: 3, marker: "m", cgroup: "/a/1", notifySocket: "/run/n")),
        .follow(attempt: 1, pid: 4711),
        .measure(attempts: []),
        .measure(attempts: [1, .max]),
        .inspect(attempt: 3),
        .deliver(attempt: 4, signal: 15, to: .tree, resumes: true),
        .deliver(attempt: 5, signal: 64, to: .main, resumes: false),
        .spawn(
            SpawnOrder(
                attempt: 3, arguments: ["/bin/true"], environment: [], directory: "/", standardOutput: "/tmp/a",
                standardError: "/tmp/b", marker: "", extras: piped)),
        .adopt(adopted),
        .settle(attempt: 9),
        .clearLog(path: "/tmp/a"),
        .adoptedAll,
    ]

    static let messages: [KeeperMessage] = [
        .welcome(version: 1, pid: 4711, instance: .max, bootID: "8f1a"),
        .snapshot([]),
        .snapshot([
            AttemptReport(attempt: 1, pid: 10, startTime: 100, phase: .running),
            AttemptReport(
                attempt: 2, pid: 0, startTime: 0, phase: .exited(.code(255), atMilliseconds: .max, emptied: true)),
            AttemptReport(
                attempt: 3, pid: 12, startTime: 102,
                phase: .exited(.signal(11, core: true), atMilliseconds: 1, emptied: false)),
        ]),
        .spawned(attempt: 1, pid: 10, startTime: 100),
        .spawnFailed(attempt: 1, stage: .resources, errno: 24),
        .exited(attempt: 1, .unknown, atMilliseconds: 7),
        .emptied(attempt: 1),
        .refused(reason: "cannot"),
        .incompatible(minimum: 1, maximum: 2),
        .cgroup(folder: "", controllers: [], reason: "cannot"),
        .cgroup(folder: "/a", controllers: ["memory", "pids"], reason: ""),
        .usage([AttemptUsage(attempt: 1, processes: 2, memory: .max, microseconds: 3)]),
        .processes(attempt: 1, [ProcessReport(pid: 7, state: 68, name: "x (y", waitChannel: "wait")]),
        .notified(attempt: 1, pid: 2, text: "READY=1\nSTATUS=ü"),
        .spent(attempt: 1, AttemptCost(microseconds: 1, memory: 2, outOfMemory: true)),
        .settled(attempt: 9),
        .cleared(path: "/tmp/a", problem: ""),
        .logged(attempt: 1, path: "/tmp/a", text: "lacks 3 lines that could not be written"),
        .logger(fault: "cannot start"),
    ]
}
