import CLinux
import XPMProtocol

extension FileFacts {
    /// What a path leads to; nil where there is nothing.
    init?(at path: String) {
        var owner: uid_t = 0
        let isWritable = xpm_owner(path, &owner)
        guard isWritable >= 0 else { return nil }
        self.init(owner: owner, isWritable: isWritable == 1)
    }
}
