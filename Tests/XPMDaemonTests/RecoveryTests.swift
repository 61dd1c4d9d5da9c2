import Glibc
import Logging
import Testing

@testable import XPMDaemon

/// The memory of starts that crashed, as one start leaves it to the next.
@Suite struct RecoveryTests {
    private let scratch: Scratch
    private let board = RecoveryItem.service(7, "board")
    private let lab = RecoveryItem.service(8, "lab")

    init() throws { scratch = try Scratch() }

    private func begin() -> Recovery {
        Recovery(folder: scratch.path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A start that ends with these in hand, as if it had crashed.
    private func crash(over items: RecoveryItem..., like print: String = "as it is", forgiving: Bool = false) {
        let recovery = begin()
        for item in items {
            let mayTake = recovery.mayTake(item, print)
            if forgiving {
                #expect(!mayTake)
                recovery.forgive(item)
            }
            #expect(recovery.mayTake(item, print))
            _ = recovery.hold(item)
        }
    }

    private var files: [String] { ["start-in-progress", "crashed-starts.json"].filter { exists($0) } }

    private func exists(_ name: String) -> Bool { access("\(scratch.path)/\(name)", F_OK) == 0 }

    @Test func startThatServesLeavesNothing() {
        let recovery = begin()
        #expect(!recovery.isCareful && files == ["start-in-progress"])
        #expect(recovery.take(board) { 3 } == 3)
        recovery.settle()
        #expect(files.isEmpty)
        #expect(!begin().isCareful)
    }

    @Test func startThatEndsInOrderLeavesNothing() {
        begin().end()
        #expect(files.isEmpty)
    }

    @Test func usualStartTakesNothingDown() throws {
        let recovery = begin()
        recovery.take(board) {}
        var status = stat()
        #expect(stat("\(scratch.path)/start-in-progress", &status) == 0 && status.st_size == 0)
    }

    @Test func crashMakesTheNextStartCareful() {
        crash()
        let recovery = begin()
        #expect(recovery.isCareful && recovery.mayTake(board) && recovery.note == nil)
    }

    @Test func whatTwoStartsInARowCrashedOverIsLeftOut() {
        crash()
        crash(over: board)
        #expect(begin().mayTake(board))
        // That one crashed with nothing in hand.
        crash(over: board)
        crash(over: board)
        let recovery = begin()
        #expect(!recovery.mayTake(board, "as it is") && recovery.mayTake(lab, "as it is"))
        #expect(recovery.note == "left out, because xpmd crashed over it: service board")
        recovery.settle()
        #expect(files == ["crashed-starts.json"])
        // For good, also when that start and others went well.
        for _ in 0..<2 {
            let next = begin()
            #expect(next.isCareful && !next.mayTake(board, "as it is"))
            next.settle()
        }
    }

    @Test func innermostOfWhatIsInHandIsTheCulprit() {
        crash()
        for _ in 0..<2 {
            let recovery = begin()
            _ = recovery.mayTake(board)
            recovery.take(lab) {}
            _ = recovery.take(board) { recovery.hold(.template("/t/x.toml")) }
        }
        let recovery = begin()
        #expect(recovery.mayTake(board) && recovery.mayTake(lab) && !recovery.mayTake(.template("/t/x.toml")))
    }

    @Test func crashesAtOtherPlacesLeaveNothingOut() {
        crash()
        for _ in 0..<3 {
            crash(over: board)
            crash(over: lab)
        }
        let recovery = begin()
        #expect(recovery.mayTake(board) && recovery.mayTake(lab))
    }

    @Test func whatHasChangedIsTakenAgainAndOnceMore() {
        crash()
        for _ in 0..<2 { crash(over: board) }
        #expect(!begin().mayTake(board, "as it is"))
        crash(over: board, like: "another")
        #expect(!begin().mayTake(board, "another"))
    }

    @Test func whatItsUserWantsIsTakenAgainAndOnceMore() {
        crash()
        for _ in 0..<2 { crash(over: board) }
        #expect(!begin().mayTake(board, "as it is"))
        crash(over: board, forgiving: true)
        #expect(!begin().mayTake(board, "as it is"))
    }

    @Test func whatIsGoneIsForgotten() {
        crash()
        for _ in 0..<2 { crash(over: board) }
        let recovery = begin()
        #expect(recovery.mayTake(lab))
        recovery.settle()
        #expect(files.isEmpty)
    }

    @Test func anotherVersionStartsAnew() throws {
        try scratch.write(
            "crashed-starts.json",
            #"{"suspects":[{"crashes":9,"item":{"kind":"service","name":"7 board"},"print":""}],"version":"0.1.0 5 5"}"#
        )
        #expect(!begin().isCareful)
    }

    @Test(arguments: [
        "", "x", "[]", "{}", "[1]", #"[{"kind":"none","name":""}]"#, String(repeating: "[", count: 70_000),
    ])
    func markOfAnyContentIsThatOfACrash(content: String) throws {
        try scratch.write("start-in-progress", content)
        try scratch.write("crashed-starts.json", content)
        let recovery = begin()
        #expect(recovery.isCareful && recovery.mayTake(board))
        recovery.settle()
        #expect(recovery.mayTake(board))
    }

    @Test func anotherDaemonThatStartsIsNoCrash() throws {
        let first = begin()
        let second = begin()
        #expect(!second.isCareful)
        second.settle()
        #expect(exists("start-in-progress"))
        first.settle()
        #expect(files.isEmpty)
    }

    @Test func folderThatCannotBeWrittenToIsNoObstacle() {
        let recovery = Recovery.none
        #expect(!recovery.isCareful && recovery.take(board) { true } && recovery.mayTake(board))
        recovery.settle()
        recovery.end()
    }
}
