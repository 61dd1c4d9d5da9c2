import CLinux
import Glibc

/// Which cgroup the keeper may use for its services, and why none.
///
/// Whoever is managed by systemd may use only what was delegated to it; elsewhere, as in containers, what one may write to.
struct ServiceCgroup {
    /// Why there is none; a phrase.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// `none`, or a folder as in /proc/PID/cgroup: XPMD_CGROUP.
    let wish: String?
    /// By its name this state folder's cgroup is told from those of others.
    let instance: String

    /// The folder for a keeper that has no attempts yet.
    func folder(forKeeper pid: Int32) -> Result<String, Refusal> {
        switch wish {
        case nil, "": break
        case "none": return .failure(Refusal(description: "XPMD_CGROUP is none"))
        case let folder?: return .success(folder)
        }
        guard let own = Self.cgroup(of: pid) else { return refused("no file system of cgroups (version 2) is mounted") }
        guard let point = Self.mountPoint else { return refused("no file system of cgroups (version 2) is mounted") }
        let place = point + own
        guard access(place, W_OK) == 0 else { return refused("the cgroup \(own) may not be written to") }
        let isManaged = access("/run/systemd/system", F_OK) == 0
        guard !isManaged || Self.isDelegated(place) else {
            return refused("the cgroup \(own) is systemd's own: it is not delegated")
        }
        // A keeper of this instance that was killed has left its services there: the next one goes on in the same place.
        return .success((own == "/" ? "" : own) + "/xpmd-" + instance.prefix(12))
    }

    private func refused(_ reason: String) -> Result<String, Refusal> { .failure(Refusal(description: reason)) }

    /// The `0::` line of /proc/PID/cgroup.
    static func cgroup(of pid: Int32) -> String? {
        for line in lines(of: "/proc/\(pid)/cgroup") where line.hasPrefix("0::/") { return String(line.dropFirst(3)) }
        return nil
    }

    private static var mountPoint: String? {
        for line in lines(of: "/proc/self/mountinfo") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields[dash + 1] == "cgroup2",
                fields.count > 4
            else { continue }
            return String(fields[4])
        }
        return nil
    }

    private static func isDelegated(_ folder: String) -> Bool {
        ["user.delegate", "trusted.delegate"].contains { name in
            var value: UInt8 = 0
            return getxattr(folder, name, &value, 1) == 1 && value == UInt8(ascii: "1")
        }
    }

    private static func lines(of path: String) -> [Substring] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
