import Glibc
import XPMProtocol

/// The user's home folder.
enum HomeFolder {
    /// Its paths, with and without symbolic links; none where `home` names no folder.
    static func paths(_ home: String?) -> [String] {
        guard let home, let written = try? WorkspacePath.normalized(home) else { return [] }
        guard let text = realpath(home, nil) else { return [written] }
        defer { free(text) }
        guard let real = String(validatingCString: text), real != written else { return [written] }
        return [written, real]
    }
}
