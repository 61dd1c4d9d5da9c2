import Testing

@testable import XPMDaemon

struct LogInventoryTests {
    @Test(arguments: [
        ("/l/e/r/board.7.out", "/l/e/r/board.7.out"), ("/l/e/r/board.7.err.idx", "/l/e/r/board.7.err"),
        ("/l/e/r/board.7.out.times", "/l/e/r/board.7.out"), ("/l/e/r/board.7.err.12.times", "/l/e/r/board.7.err"),
        ("/l/e/r/board.7.out.state", "/l/e/r/board.7.out"), ("/l/e/r/a.b.12.out.3", "/l/e/r/a.b.12.out"),
        ("/l/e/r/out.1.out", "/l/e/r/out.1.out"), ("/l/e/r/board.7.out.state.unreadable", "/l/e/r/board.7.out"),
    ])
    func whatStandsBesideALogBelongsToIt(path: String, log: String) { #expect(LogInventory.log(of: path) == log) }

    @Test(arguments: [
        "/l/e/r/notes.txt", "/l/e/r/train.out", "/l/e/r/board.7.out.bak", "/l/e/r/board.x.out", "/l/e/r/board.7.log",
        "/l/e/r/.out", "/l/e/r/board.7.out.", "/l/e/r/board.7.out.idx.1", "", "/l/e/r/board.7.out.unreadable",
        "/l/e/r/board.7.times", "/l/e/r/board.7.out.times.3",
    ])
    func whatHasNoLogsNameIsNobodysToDelete(path: String) { #expect(LogInventory.log(of: path) == nil) }
}
