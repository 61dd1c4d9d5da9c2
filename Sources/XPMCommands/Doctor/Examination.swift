import Glibc
import XPMClient
import XPMProtocol

/// Looks at all that xpmd rests on, one thing after the other.
struct Examination {
    var connection: ConnectionOptions
    var environment = ProcessEnvironment.current

    func findings() -> [Finding] {
        let installed = ProgramChecks.installed(environment)
        var findings = ProgramChecks.findings(installed)
        let places: Places
        do throws(WireError) { places = try connection.places() } catch {
            return findings + [.fault("environment", error.message)]
        }
        findings.append(MachineChecks.runtimeFolder(places))
        let answer = ask()
        findings += DaemonChecks.findings(answer, installed: installed.version)
        var status: DaemonStatus.Reply?
        if case .status(let reply) = answer { status = reply }
        findings.append(MachineChecks.linger(status.map(\.linger) ?? Self.linger(environment)))
        if let status { findings += MachineChecks.boot(status.startsAtBoot) + [MachineChecks.cgroups(status)] }
        findings.append(
            NamespaceCheck.finding(Trial.run(NamespaceCheck.words, environment), Self.namespaces))
        findings.append(
            MachineChecks.inotify(
                watches: Self.number("/proc/sys/fs/inotify/max_user_watches"),
                instances: Self.number("/proc/sys/fs/inotify/max_user_instances"), fault: status?.watchFault))
        findings.append(page(status, places))
        findings.append(WebChecks.names(Trial.run(["getent", "ahosts", WebChecks.probe], environment)))
        findings.append(python())
        return findings
    }

    private func ask() -> DaemonChecks.Answer {
        do {
            return .status(try connection.ask(autostart: false) { try $0.call(DaemonStatus()) })
        } catch {
            return .failed(error as? WireError ?? WireError(.internalError, "\(error)"))
        }
    }

    private func page(_ status: DaemonStatus.Reply?, _ places: Places) -> Finding {
        let folder = status?.stateFolder ?? (try? places.stateFolder)
        let kept = folder.flatMap { WebAccess(stateFolder: $0).port }.map(Int.init)
        let port = kept.map { Self.isFree($0) ? WebChecks.Port.free : .taken } ?? .none
        return WebChecks.page(status?.web, kept: kept, port)
    }

    private func python() -> Finding {
        let python = Executable.find("python3", path: environment["PATH"])
        return PythonCheck.finding(python, python.map { Trial.run(PythonCheck.words($0), environment) } ?? .missing)
    }

    // MARK: What the machine says

    private static var namespaces: NamespaceCheck.Settings {
        NamespaceCheck.Settings(
            clone: number("/proc/sys/kernel/unprivileged_userns_clone"),
            most: number("/proc/sys/user/max_user_namespaces"),
            mostNetworks: number("/proc/sys/user/max_net_namespaces"),
            restricted: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"))
    }

    /// As xpmd tells it; nil where there is no systemd, or nobody says who the user is.
    private static func linger(_ environment: [String: String]) -> Bool? {
        guard access("/run/systemd/system", F_OK) == 0, let user = environment["USER"], !user.contains("/") else {
            return nil
        }
        return access("/var/lib/systemd/linger/\(user)", F_OK) == 0
    }

    /// A whole number that is alone in a file of the kernel's.
    static func number(_ path: String) -> Int? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(file, &bytes, bytes.count)
        return Int(String(decoding: bytes.prefix(max(0, count)).filter { $0 > 0x20 }, as: UTF8.self))
    }

    /// Whether nobody listens on a port of IPv4's loopback address.
    static func isFree(_ port: Int) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return true }
        defer { close(socket) }
        // Connections that have ended do not count.
        var reuse: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 || errno != EADDRINUSE
    }
}
