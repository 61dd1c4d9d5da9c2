@testable import XPMKeeping

/// One of each kind, with the values at which encodings go wrong.
enum Samples {
    static let requests: [KeeperRequest] = [
        .hello(minimum: 1, maximum: .max),
        .spawn(
            SpawnOrder(
                attempt: .max, arguments: ["/bin/sh", "-c", "echo ü\n", ""], environment: [], directory: "/",
                standardOutput: "/tmp/a", standardError: "/tmp/b", marker: "XPM_ATTEMPT=1")),
        .adopt(attempt: 0, pid: .max, startTime: 0x0102_0304_0506_0708, marker: ""),
        .signal(attempt: 1, signal: -1),
        .kill(attempt: 2),
        .acknowledge(attempt: 3),
        .shutdown,
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
    ]
}

/// The same numbers in every run, so that a failure can be had again.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
