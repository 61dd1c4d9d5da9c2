import Glibc
import Testing
import WorkspaceFixture

@testable import XPMWorkspaces

/// Several targets of one folder.
@Suite struct InotifyTests {
    let scratch: WorkspaceFolder
    private let inotify: Inotify<String>

    init() throws {
        scratch = try WorkspaceFolder()
        inotify = try #require(Inotify(WatchingSystem()))
    }

    /// What has been told since the last time: each target with the name.
    private func told() -> Set<String> {
        Set(inotify.read().filter { !$0.has(IN_IGNORED) }.map { "\($0.target ?? "all"): \($0.name)" })
    }

    @Test func eachTargetIsToldWhatItAskedFor() throws {
        let folder = try scratch.folder("f")
        #expect(inotify.add(folder, IN_CREATE, for: "makes") == 0)
        #expect(inotify.add(folder, IN_CREATE | IN_DELETE, for: "both") == 0)
        #expect(inotify.add(folder, IN_DELETE, for: "goes") == 0)
        try scratch.folder("f/a")
        #expect(told() == ["makes: a", "both: a"])
        try scratch.remove("f/a")
        #expect(told() == ["both: a", "goes: a"])
    }

    @Test func watchEndsWithItsLastTarget() throws {
        let folder = try scratch.folder("f")
        for target in ["one", "two"] { #expect(inotify.add(folder, IN_CREATE, for: target) == 0) }
        inotify.remove("one")
        inotify.remove("one")
        try scratch.folder("f/a")
        #expect(told() == ["two: a"])
        inotify.remove("two")
        try scratch.folder("f/b")
        #expect(told() == [])
        #expect(!inotify.watches("one") && !inotify.watches("two"))
    }

    @Test func targetThatMovesLeavesOthersTheirs() throws {
        let (old, new) = (try scratch.folder("old"), try scratch.folder("new"))
        for target in ["moves", "stays"] { #expect(inotify.add(old, IN_CREATE, for: target) == 0) }
        #expect(inotify.add(new, IN_CREATE, for: "moves") == 0)
        try scratch.folder("old/a")
        try scratch.folder("new/b")
        #expect(told() == ["stays: a", "moves: b"])
        try scratch.remove("old")
        _ = inotify.read()
        #expect(!inotify.watches("stays") && inotify.watches("moves"))
    }
}
