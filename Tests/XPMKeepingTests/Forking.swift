import Synchronization

@testable import XPMKeeping

/// One child of the test process at a time: until its execve a child holds copies of all descriptors, another test's
/// listening socket too, by which a keeper that was killed would seem to live.
private let forking = Mutex(())

extension KeeperLaunch {
    func startAlone() throws -> Int32 { try forking.withLock { _ in try start() } }
}

/// A program as the test's own child.
func startProgram(_ arguments: [String], environment: [String] = []) throws -> Int32 {
    try startProgram(arguments, environment: environment, options: .init()).pid
}

func startProgram(
    _ arguments: [String], environment: [String] = [], options: Spawning.Options
) throws -> Spawning.Started {
    try forking.withLock { _ in
        try Spawning().start(
            arguments: arguments, environment: environment, directory: "/", output: "/dev/null", error: "/dev/null",
            options: options)
    }
}
