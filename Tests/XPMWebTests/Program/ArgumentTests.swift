import Testing

@testable import XPMWeb

@Suite struct ArgumentTests {
    @Test func everyOptionIsRead() throws {
        let options = try WebArguments(["--port", "9000", "--path-mode", "--host=Hub.Example.org", "--host", "x:80"])
        #expect(options.port == 9000 && options.pathMode && options.listen == "localhost")
        #expect(options.hosts == ["hub.example.org", "x:80"])
        #expect(try WebArguments(["--listen", "/run/x.sock"]).listen == "/run/x.sock")
        #expect(try WebArguments(["--help"]).request == .help)
        #expect(try WebArguments(["--version"]).request == .version)
        #expect(try WebArguments([]).request == .serve)
    }

    @Test(arguments: [
        ["--port"], ["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--listen", "0.0.0.0"],
        ["--listen", "host"],
        ["--listen", "/x", "--port", "1"], ["--unknown"], ["word"], ["--host", "x"], ["--path-mode", "--host", "a/b"],
        ["--path-mode", "--host", ""],
    ])
    func othersAreRefused(arguments: [String]) {
        #expect(throws: WebArguments.Fault.self) { try WebArguments(arguments) }
    }
}
