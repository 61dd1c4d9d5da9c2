import Glibc
import Testing

@testable import XPMClient

struct ThreadTests {
    /// Else a signal to end would end the process there, whatever its other threads have to say about it.
    @Test func threadsTakeNoSignalsFromOutside() async throws {
        @Sendable func blocked() -> [Int32] {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            return [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE, SIGSEGV].filter { sigismember(&mask, $0) == 1 }
        }
        let inside = try await Job<[Int32]>().value { job in Thread.start { job.finish(.success(blocked())) } }
        #expect(inside == [SIGINT, SIGTERM, SIGHUP, SIGUSR1])
    }

    @Test func whoMakesAThreadKeepsItsOwnSignals() {
        func mask() -> [Bool] {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            return (1..<Int32(32)).map { sigismember(&mask, $0) == 1 }
        }
        let before = mask()
        Thread.start {}
        #expect(mask() == before)
    }
}
