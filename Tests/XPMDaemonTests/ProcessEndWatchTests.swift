import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import XPMDaemon

@Suite struct ProcessEndWatchTests {
    /// A process that ends when it is killed.
    private func sleeper() throws -> pid_t {
        var pid: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("1000"), nil]
        defer { arguments.forEach { free($0) } }
        guard posix_spawn(&pid, "/bin/sleep", nil, nil, arguments, nil) == 0 else {
            throw FixtureFailure("cannot start sleep")
        }
        return pid
    }

    private func reap(_ pid: pid_t) { waitpid(pid, nil, 0) }

    private static let loop = NIOSingletons.posixEventLoopGroup.next()

    @Test func endOfAProcessIsTold() throws {
        let pid = try sleeper()
        let process = try #require(ProcessIdentity(pid))
        let ended = Self.loop.makePromise(of: Void.self)
        let watch = try Self.loop.submit {
            let watch = try ProcessEndWatch(process, loop: Self.loop) { ended.succeed() }
            return NIOLoopBound(watch, eventLoop: Self.loop)
        }.wait()
        kill(pid, SIGKILL)
        // A zombie has ended, too.
        try ended.futureResult.awaited("the end of the process")
        #expect(!process.isAlive)
        reap(pid)
        let gone = try Self.loop.submit { try ProcessEndWatch(process, loop: Self.loop) {} == nil }.wait()
        #expect(gone)
        withExtendedLifetime(watch) {}
    }

    @Test func cancelledWatchTellsNothing() throws {
        let pid = try sleeper()
        let process = try #require(ProcessIdentity(pid))
        let told = Self.loop.makePromise(of: Bool.self)
        try Self.loop.submit {
            let cancelled = try ProcessEndWatch(process, loop: Self.loop) { told.succeed(true) }
            let other = try ProcessEndWatch(process, loop: Self.loop) {
                // In the same turn of the loop or before it.
                Self.loop.execute { told.succeed(false) }
            }
            cancelled?.cancel()
            _ = other
        }.wait()
        kill(pid, SIGKILL)
        #expect(try !told.futureResult.awaited("the end of the process"))
        reap(pid)
    }

    @Test func laterProcessOfTheSameNumberIsNotWatched() throws {
        let pid = try sleeper()
        var process = try #require(ProcessIdentity(pid))
        process.startTime -= 1
        let earlier = process
        #expect(try Self.loop.submit { try ProcessEndWatch(earlier, loop: Self.loop) {} == nil }.wait())
        kill(pid, SIGKILL)
        reap(pid)
    }
}
