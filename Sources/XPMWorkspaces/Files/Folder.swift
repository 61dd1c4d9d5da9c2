import Glibc

/// An open folder, so that what is read in it is in it, whatever becomes of its path meanwhile.
final class Folder {
    /// What stands in a folder.
    struct Entry {
        enum Kind {
            case folder, file, link, other
        }
        var name: String
        var kind: Kind
    }

    let descriptor: CInt

    /// Opens a folder; fails where there is none, or none that may be read.
    init(_ path: String) throws(FileFault) {
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw .last }
        descriptor = opened
    }

    /// Opens a folder in this one, which must not be a link where `isReal`.
    init(_ name: String, in parent: Folder, isReal: Bool = true) throws(FileFault) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (isReal ? O_NOFOLLOW : 0)
        let opened = openat(parent.descriptor, name, flags)
        guard opened >= 0 else { throw .last }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// All that stands in a folder.
    struct Listing {
        var entries: [Entry] = []
        /// Folders, and links that may lead to some, whose names are not UTF-8, so that no name of the protocol fits them. They are
        /// written with `\xNN` for what is not ASCII.
        var foreign: [String] = []
    }

    /// All entries with a name that is text; see `listing`.
    func entries() throws(FileFault) -> [Entry] { try listing().entries }

    /// All entries but `.` and `..`, in no order; fails where they cannot all be read.
    func listing() throws(FileFault) -> Listing {
        // A descriptor of its own, for reading moves it and closing closes it.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .last }
        guard let stream = fdopendir(copy) else {
            let fault = FileFault.last
            close(copy)
            throw fault
        }
        defer { closedir(stream) }
        var found = Listing()
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .last }
                break
            }
            let length = strlen(&entry.pointee.d_name.0)
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix(length)) }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                if [DT_DIR, DT_LNK, DT_UNKNOWN].contains(Int(entry.pointee.d_type)) {
                    found.foreign.append(Self.shown(bytes))
                }
                continue
            }
            guard name != ".", name != ".." else { continue }
            found.entries.append(Entry(name: name, kind: kind(of: name, entry.pointee.d_type)))
        }
        found.foreign.sort()
        return found
    }

    /// A name as a shell's $'…' reads it back.
    private static func shown(_ name: [UInt8]) -> String {
        name.map { byte in
            (0x20..<0x7f).contains(byte)
                ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private func kind(of name: String, _ type: UInt8) -> Entry.Kind {
        switch Int(type) {
        case DT_DIR: return .folder
        case DT_REG: return .file
        case DT_LNK: return .link
        case DT_UNKNOWN:
            guard let status = status(of: name, follow: false) else { return .other }
            return switch status.st_mode & S_IFMT {
            case S_IFDIR: .folder
            case S_IFREG: .file
            case S_IFLNK: .link
            default: .other
            }
        default: return .other
        }
    }

    /// What stat(2) tells of something in the folder.
    func status(of name: String, follow: Bool) -> stat? {
        var status = stat()
        return fstatat(descriptor, name, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// Where a link in the folder leads, as it is written.
    func target(of name: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlinkat(descriptor, name, $0, text.count) } ?? -1
            }
        }
        return length > 0 ? String(validating: buffer[..<length], as: UTF8.self) : nil
    }
}
