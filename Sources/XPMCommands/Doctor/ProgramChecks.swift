import XPMClient
import XPMProtocol

/// The installed programs, and whether they are those that run.
enum ProgramChecks {
    /// What is installed beside this program.
    struct Installed: Equatable {
        var folder: String
        /// Those that are missing, or may not be executed.
        var missing: [String]
        /// What the installed xpmd says.
        var version: String?
    }

    static let needed = ["xpmd", "xpm-keeper", "xpm-logger", "xpm-web"]

    static func installed(_ environment: [String: String]) -> Installed {
        let folder = Executable.ownFolder ?? "."
        let missing = needed.filter { !Executable.isExecutable("\(folder)/\($0)") }
        var version: String?
        if case .ended(0, let said) = Trial.run(["\(folder)/xpmd", "--successor-version"], environment) {
            version = said.split(separator: "\n").first.map(String.init)
        }
        return Installed(folder: folder, missing: missing, version: version)
    }

    static func findings(_ installed: Installed, own: String = ProtocolVersion.product) -> [Finding] {
        let missing = installed.missing
        guard missing.isEmpty else {
            let isPageAlone = missing == ["xpm-web"]
            let text =
                "\(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing in \(installed.folder)"
            let remedy = "install xpmd again"
            return [
                isPageAlone
                    ? .note("programs", text + ": there is no web page", remedy) : .fault("programs", text, remedy)
            ]
        }
        guard let version = installed.version else {
            return [
                .fault(
                    "programs", "\(installed.folder)/xpmd does not run",
                    "run `\(installed.folder)/xpmd --version` to see why")
            ]
        }
        guard version == own else {
            return [
                .note(
                    "programs", "xpmctl is \(own) and xpmd \(version), both in \(installed.folder)",
                    "install xpmd again")
            ]
        }
        return [.ok("programs", "\(version) in \(installed.folder)")]
    }
}
