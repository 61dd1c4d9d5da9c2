import CLinux
import XPMProtocol

extension FileFacts {
    /// What a path leads to; nil where there is nothing.
    public init?(at path: String) {
        var owner: uid_t = 0
        var isFolder: Int32 = 0
        let isWritable = xpm_file_facts(path, &owner, &isFolder)
        guard isWritable >= 0 else { return nil }
        self.init(owner: owner, isWritable: isWritable == 1, isFolder: isFolder == 1)
    }
}
