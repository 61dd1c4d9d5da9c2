import CLinux
import CSystemd
import Glibc

/// xpmd, and with it the keeper, has nothing of whoever happened to start it: services have of their own callers what they should have.
enum CleanSheet {
    /// Lets go of what was inherited, but for the descriptors `kept` and the standard ones. What a unit of systemd says is
    /// meant for xpmd, and stays.
    static func begin(keeping kept: Set<CInt>) {
        let passed = Int(sd_listen_fds(0))
        // Locks that are held by an open file, and pipes whose end somebody waits for.
        closeAll(but: kept.union((0..<max(0, passed)).map { SD_LISTEN_FDS_START + CInt($0) }))
        let isUnit = getenv("SYSTEMD_EXEC_PID").map { String(cString: $0) == String(getpid()) } ?? (passed > 0)
        if !isUnit { xpm_begin_clean() }
    }

    private static func closeAll(but kept: Set<CInt>) {
        guard let folder = opendir("/proc/self/fd") else { return }
        let own = dirfd(folder)
        var open: [CInt] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let descriptor = CInt(name), descriptor > STDERR_FILENO, descriptor != own { open.append(descriptor) }
        }
        closedir(folder)
        for descriptor in open where !kept.contains(descriptor) { close(descriptor) }
    }
}
