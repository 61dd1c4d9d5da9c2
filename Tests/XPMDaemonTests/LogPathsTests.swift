import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct LogPathsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func paths(_ id: String, workspace: String = "/w", key: Int64 = 7) -> LogPaths {
        let run = RunIdentity(workspace: workspace, experiment: "exp", run: "20261122_101500")
        return LogPaths(stateFolder: "\(scratch.path)/state", identity: ServiceIdentity(run: run, id: id), key: key)
    }

    @Test func pathNamesExperimentRunServiceAndRow() {
        let logs = paths("monitoring/wandb")
        #expect(logs.stdout == "\(scratch.path)/state/logs/exp/20261122_101500/monitoring/wandb.7.out")
        #expect(logs.stderr == "\(scratch.path)/state/logs/exp/20261122_101500/monitoring/wandb.7.err")
    }

    @Test func sameNameInTwoWorkspacesHasTwoLogs() {
        #expect(paths("board", workspace: "/a", key: 1) != paths("board", workspace: "/b", key: 2))
    }

    @Test func preparingMakesPrivateFoldersAndKeepsWhatIsThere() throws {
        let logs = paths("monitoring/wandb")
        #expect(try logs.prepare() == (0, 0))
        // Who writes a file makes it.
        #expect(access(logs.stdout, F_OK) != 0)
        #expect(try scratch.mode(of: "\(scratch.path)/state/logs/exp") == 0o700)
        try scratch.write(String(logs.stderr.dropFirst(scratch.path.count + 1)), "abc")
        #expect(try logs.prepare() == (0, 3))
    }

    @Test func policyPutsEachFileElsewhereAndFoldersThatAreThereStayAsTheyAre() throws {
        let logs = try paths("board").replaced(by: LogPlan(LogPolicy(stdout: "\(scratch.path)/x/./ws/logs.out")))
        #expect(logs.stdout == "\(scratch.path)/x/ws/logs.out" && logs.stderr == paths("board").stderr)
        try scratch.folder("x")
        chmod("\(scratch.path)/x", 0o755)
        _ = try logs.prepare()
        #expect(try scratch.mode(of: "\(scratch.path)/x") == 0o755)
        #expect(try scratch.mode(of: "\(scratch.path)/x/ws") == 0o700)
    }

    @Test(arguments: ["logs.out", "/", "/logs/", "/a\0b"])
    func onlyAbsolutePathsOfFilesAreTaken(path: String) {
        #expect(throws: WireError.self) { try LogPlan(LogPolicy(stderr: path)) }
    }

    @Test(arguments: [true, false])
    func namedPipeInPlaceOfALogIsRefusedAtOnce(hasReader: Bool) throws {
        let logs = try paths("board").replaced(by: LogPlan(LogPolicy(stdout: "\(scratch.path)/pipe")))
        mkfifo(logs.stdout, 0o600)
        // With a reader it could be opened.
        let reader = hasReader ? open(logs.stdout, O_RDWR | O_CLOEXEC) : -1
        defer { if reader >= 0 { close(reader) } }
        let fault = #expect(throws: LogFault.self) { _ = try logs.prepare() }
        #expect(fault.map { "\($0)" == "cannot write its log \(logs.stdout): it is not a regular file" } == true)
    }

    @Test func discardedOutputNeedsNoFile() throws {
        let logs = try paths("board").replaced(by: LogPlan(LogPolicy(.null)))
        #expect(try logs.prepare() == (0, 0))
        #expect(logs.isDiscarded && logs.files.isEmpty)
    }

    @Test(arguments: ["/tmp"])
    func deviceOrFolderInPlaceOfALogIsRefused(path: String) throws {
        let logs = try paths("board").replaced(by: LogPlan(LogPolicy(stdout: path)))
        let fault = #expect(throws: LogFault.self) { _ = try logs.prepare() }
        #expect(fault.map { "\($0)".hasPrefix("cannot write its log \(path): ") } == true)
    }

    @Test func linkInPlaceOfALogIsNotFollowed() throws {
        let logs = paths("board")
        _ = try logs.prepare()
        try scratch.write("victim", "precious")
        symlink("\(scratch.path)/victim", logs.stdout)
        let fault = #expect(throws: LogFault.self) { _ = try logs.prepare() }
        #expect(fault?.code == ELOOP)
        #expect(fault.map { "\($0)" == "cannot write its log \(logs.stdout): it is a symbolic link" } == true)
    }

    @Test func fileInPlaceOfAFolderIsNamed() throws {
        try scratch.write("state", "")
        let fault = #expect(throws: LogFault.self) { _ = try paths("board").prepare() }
        #expect(fault?.code == ENOTDIR)
    }
}
