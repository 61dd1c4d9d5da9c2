import Glibc
import XPMProtocol

/// The user's home folder.
enum HomeFolder {
    /// Its path as it is written; none where `home` names no folder.
    static func written(_ home: String?) -> [String] {
        home.flatMap { try? WorkspacePath.normalized($0) }.map { [$0] } ?? []
    }

    /// Its paths, with and without symbolic links; none where `home` names no folder. May block.
    static func paths(_ home: String?) -> [String] {
        guard let home, let written = try? WorkspacePath.normalized(home) else { return [] }
        guard let text = realpath(home, nil) else { return [written] }
        defer { free(text) }
        guard let real = String(validatingCString: text), real != written else { return [written] }
        return [written, real]
    }
}
