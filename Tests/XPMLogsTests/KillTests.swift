import CLinux
import Glibc
import SeededRandom
import Testing

@testable import XPMLogs

/// A logger that is killed at any moment loses nothing, doubles nothing, and tears nothing.
struct KillTests {
    /// `XPM_LOG_KILLS` for more.
    private static let kills = getenv("XPM_LOG_KILLS").flatMap { Int(String(cString: $0)) } ?? 40

    /// Several streams, which share the logger's slot.
    @Test(arguments: [UInt64(0), 100_000])
    func nothingIsLostDoubledOrTornByKillsAtAnyMoment(_ size: UInt64) throws {
        let logger = try LoggerFixture()
        var random = SeededRandom(seed: SeededRandom.seed)
        let policy = RotationPolicy(size: size, age: 0, count: .max)
        let paths = ["out", "second", "third"].map { logger.folder.path + "/" + $0 }
        let runs = try paths.map { try logger.run([Binaries.writer, "numbered", "0", "10000000"], $0, policy) }
        defer {
            for run in runs {
                kill(run.service, SIGKILL)
                awaitEnd(of: run.service)
            }
        }
        for _ in 0..<Self.kills {
            // Some of its work is done: how much is up to chance, down to none at all.
            try awaitChanges(of: logger, random.oneIn(3) ? 0 : random.next() % 40)
            for _ in 0..<random.next() % 500 { sched_yield() }
            try logger.relaunch()
            for (run, path) in zip(runs, paths) { try logger.take(run.reader, path, policy) }
        }
        for run in runs { kill(run.service, SIGKILL) }
        for _ in runs { try logger.next { if case .ended = $0 { true } else { false } } }
        for path in paths { try expectWhole(path, logger.folder, isRotated: size > 0) }
    }

    private func expectWhole(_ path: String, _ folder: Scratch, isRotated: Bool) throws {
        let files = try LogFiles(of: path)
        let output = OpenFile(open(path + "-check", O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        let check = try startProgram([Binaries.writer, "check"] + files.files.map(\.path), output: output)
        let result = String(decoding: contents(of: path + "-check"), as: UTF8.self)
        #expect(awaitEnd(of: check) == 0, "\(result), seed \(SeededRandom.seed)")
        #expect(files.foreign.isEmpty && files.orphans.isEmpty)
        #expect(!isRotated || files.files.count > 1)
        var position: UInt64 = 0
        for file in files.files {
            #expect(file.header?.base == position, "\(file.path)")
            position += file.facts.size
        }
        #expect(position > 0)
    }

    /// Waits until the file at a path has changed so often, as far as is seen here.
    private func awaitChanges(of logger: LoggerFixture, _ count: UInt64) throws {
        var last = FileFacts(logger.path)
        for _ in 0..<count {
            var next = last
            while next == last {
                sched_yield()
                next = FileFacts(logger.path)
                try logger.expectHealth()
            }
            last = next
        }
    }
}
