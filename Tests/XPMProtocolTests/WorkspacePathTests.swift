import Testing
import XPMProtocol

@Suite struct WorkspacePathTests {
    @Test(arguments: [
        ("/", "/"), ("//", "/"), ("/ws", "/ws"), ("/ws/", "/ws"), ("/a//b///c/", "/a/b/c"), ("/a/./b/.", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/b/../../..", "/"), ("/../a", "/a"), ("/a/...", "/a/..."), ("/a b/ü", "/a b/ü"), ("/.hidden", "/.hidden"),
    ]) func pathIsNormalised(path: String, normal: String) throws {
        #expect(try WorkspacePath.normalized(path) == normal)
        #expect(try WorkspacePath.normalized(normal) == normal)
    }

    @Test(arguments: ["", ".", "..", "ws", "./ws", "~/ws", " /ws", "/w\u{0}s"]) func pathThatIsNotAbsoluteIsRefused(
        path: String
    ) throws {
        let refusal = try #require(throws: WireError.self) { try WorkspacePath.normalized(path) }
        #expect(refusal.code == .invalidParameters)
    }

    @Test(
        arguments: [
            ("/ws", "/ws", 0), ("/ws/a", "/ws", 1), ("/ws/a/b/", "/ws", 2), ("/ws2", "/ws", nil), ("/w", "/ws", nil),
            ("/", "/ws", nil),
            ("/ws/a", "/", 2), ("/", "/", 0), ("/WS", "/ws", nil), ("/ws/ab", "/ws/a", nil),
        ] as [(String, String, Int?)]) func depthGoesByComponents(folder: String, workspace: String, depth: Int?)
    {
        #expect(WorkspacePath.depth(of: folder, below: workspace) == depth)
    }
}
