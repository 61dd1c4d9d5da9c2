import Glibc
import Testing
import XPMClient
import XPMProtocol

/// The example experiment, written in Swift with the client library, and a real TensorBoard.
struct ExampleTests {
    @Test func tensorBoardOfTheExampleOutlivesTheExperiment() throws {
        try TensorBoard.require()
        try withInstance { xpmd in
            let said = try run([Binaries.example, xpmd.workspace], in: xpmd)
            let url = try #require(said.split(separator: "\n").last { $0.hasPrefix("http://127.0.0.1:") }).description
            // The experiment has ended; what it added has not.
            #expect(try xpmd.call(ListExperiments()).experiments.map(\.status) == [.done])
            let service = try xpmd.service("example:tensorboard")
            #expect(service.state == .running && service.url == url)
            #expect(service.className?.hasSuffix("TensorBoardService") == true)
            let stateDict = try xpmd.call(GetService(ServiceReference(service.identity))).definition.stateDict
            guard case .object(let path)? = stateDict?["path"] else {
                throw TestFailure("the path is not in \(String(describing: stateDict))")
            }
            #expect(path["__path__"]?.text?.hasSuffix("/runs") == true)
            // Both tasks are shown under their tags, read through the links from their own log folders.
            let fetch = Binaries.checkout + "/scripts/fetch-runs.py"
            let shown = try run(["python3", fetch, url, "lr=0.1", "lr=0.2"], in: xpmd)
            #expect(shown == "lr=0.1\nlr=0.2\n")
        }
    }

    /// Runs a program to its successful end and returns its standard output.
    private func run(_ arguments: [String], in xpmd: Instance) throws -> String {
        let (output, errors) = (xpmd.scratch.path + "/example.out", xpmd.scratch.path + "/example.err")
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        let process = try ChildProcess(
            arguments, environment: xpmd.environment, folder: xpmd.workspace,
            files: [1: (output, flags), 2: (errors, flags)])
        try #require(try process.wait() == .code(0), "\(text(of: errors))")
        return text(of: output)
    }
}
