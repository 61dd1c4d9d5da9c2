import ArgumentParser
import XPMProtocol

/// Several names in one command: every one is tried, the first failure gives the exit code.
enum Each {
    static func of(_ names: [String], verb: Hints.Verb? = nil, _ body: (String) throws -> Void) throws {
        var first: ExitCode?
        for name in names {
            do {
                try body(name)
            } catch let error as WireError {
                Failure.report(error, of: verb)
                // A folder that is not there is here what was named, and no failed start.
                let code = verb == .watch && error.code == .folderNotFound ? ErrorCode.notFound : error.code
                first = first ?? ExitCode(code.exitCode)
                // Without a connection the other names would only repeat it.
                if error.code == .connectionLost { break }
            } catch let code as ExitCode {
                first = first ?? code
            }
        }
        if let first { throw first }
    }
}
