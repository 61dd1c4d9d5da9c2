import FoundationEssentials
import Glibc
import XPMProtocol

/// An installation of xpmd whose xpm-web is `web-stub`: it says where it serves, and fails where the test says so.
final class WebStub {
    let folder: String
    private let state: String

    /// Beside the programs under test, so that these need not be copied.
    init(_ instance: Instance) throws {
        var template = Array((Binaries.folder + "/web-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure(cannot: "make a folder of programs") }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        state = instance.state
        for program in ["xpmd", "xpm-keeper", "xpm-logger"] {
            guard link("\(Binaries.folder)/\(program)", "\(folder)/\(program)") == 0 else {
                throw TestFailure(cannot: "install \(program)")
            }
        }
        try install()
        mkdir(state, 0o700)
        instance.program = folder + "/xpmd"
        // After its services.
        instance.keep(self)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var program: String { folder + "/xpm-web" }

    /// Installs another file in the place of the one before, as an upgrade does.
    func install() throws {
        // A copy, so that it is another file each time.
        try FileManager.default.copyItem(atPath: Binaries.webStub, toPath: folder + "/new")
        guard rename(folder + "/new", program) == 0 else { throw TestFailure(cannot: "install \(program)") }
    }

    func uninstall() { unlink(program) }

    /// From its next start on it fails with this reason, or serves again.
    func fail(_ reason: String?) throws {
        unlink(state + "/stub")
        guard let reason else { return }
        let file = open(state + "/stub", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TestFailure(cannot: "make \(state)/stub") }
        defer { close(file) }
        guard write(file, reason, reason.utf8.count) == reason.utf8.count else {
            throw TestFailure(cannot: "write \(state)/stub")
        }
    }
}

extension Instance {
    /// Starts the web page and waits until it runs or has failed.
    func startWeb() throws -> WebRecord { try call(StartWeb(waitSeconds: Self.longTimeout)) }

    func webStatus() throws -> WebRecord { try call(WebStatus()) }
}
