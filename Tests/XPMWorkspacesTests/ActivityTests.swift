import Synchronization
import Testing
import WorkspaceFixture

@testable import XPMWorkspaces

/// What others see of a watcher's thread.
@Suite struct ActivityTests {
    private final class Calls: Sendable { let count = Atomic(0) }

    private let calls = Calls()

    private var activity: Activity {
        let calls = calls
        return Activity { calls.count.add(1, ordering: .relaxed) }
    }

    private var told: Int { calls.count.load(ordering: .relaxed) }

    @Test func itIsToldOnceHowLongSoEverTheWorkIs() {
        let activity = activity
        for path in ["/a", "/b", "/c"] { activity.at(path) }
        #expect(told == 1)
        // Somebody still looks when it has rested in between.
        activity.rest()
        activity.at("/d")
        #expect(told == 1 && activity.look().isBusy && activity.look().path == "/d")
        activity.rest()
        #expect(!activity.look().isBusy)
        activity.at("/e")
        #expect(told == 2)
    }

    @Test func looksAreAlikeOnlyWhileNothingGetsOn() {
        let activity = activity
        activity.at("/a")
        let before = activity.look()
        #expect(activity.look() == before)
        // Also where the same path is looked at again.
        activity.at("/a")
        #expect(activity.look() != before)
    }

    @Test func watcherSaysWhereItIs() throws {
        let scratch = try WorkspaceFolder()
        try scratch.file("experiments/e/20260101_000000/status.json", "{}")
        let activity = activity
        let seen = Mutex<[String]>([])
        WorkspaceReader(root: scratch.root, isRemote: false, activity: activity) { _ in }
            .readAll { _ in seen.withLock { $0.append(activity.look().path) } }
        #expect(told == 1)
        #expect(activity.look().path == "\(scratch.root)/experiments/e/20260101_000000")
        #expect(seen.withLock { $0 } == ["\(scratch.root)/.events/experiments"])
    }
}
