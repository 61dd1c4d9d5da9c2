import Glibc

/// Where users are at home.
enum HomeFolders {
    /// The home folder of the user `name`, or for an empty name `own`; nil where it is not known. Only the machine's own users are
    /// looked up, in its file: a directory service may take long, and everybody would wait for it.
    static func folder(of name: String, own: String?) -> String? {
        if name.isEmpty { return own }
        guard let users = fopen("/etc/passwd", "re") else { return nil }
        defer { fclose(users) }
        while let user = fgetpwent(users) {
            guard let text = user.pointee.pw_name, String(validatingCString: text) == name else { continue }
            return user.pointee.pw_dir.flatMap { String(validatingCString: $0) }
        }
        return nil
    }
}
