import Glibc
import XPMProtocol

/// What keeps the kernel from running a file that its user may execute, as far as the file tells.
enum ProgramFile {
    /// Why a file cannot be run.
    struct Fault: Hashable {
        /// What kind of fault it is, for advice.
        enum Kind: String {
            case interpreter, lineEnds = "line_ends", format, architecture, loader, data
            /// A program of another operating system.
            case system
            case byteOrderMark = "byte_order_mark"
        }

        var kind: Kind
        /// What is wrong, for behind the file's name.
        var text: String
    }

    /// The kernel follows no more interpreters than that.
    private static let deepest = 5
    /// The kernel reads no more of a first line.
    private static let lineLimit = 255

    /// Nil for a file that can be run, and for one that cannot be looked into. `path` is the service's `PATH`, for scripts that
    /// look their interpreter up in it.
    static func fault(of file: String, folder: String, path: String?, depth: Int = 0) -> Fault? {
        guard let head = FileHead(file) else { return nil }
        if head.starts(with: "#!") { return script(head, folder: folder, path: path, depth: depth) }
        if head.starts(with: ELFHeader.magic) { return ELFHeader.fault(of: head) }
        guard !BinaryFormats.hasOthers else { return nil }
        let (kind, text) = foreign(head)
        return Fault(kind: kind, text: "\(text), not a program of this system or a script that begins with '#!'")
    }

    private static func foreign(_ head: FileHead) -> (Fault.Kind, String) {
        if head.bytes.isEmpty { return (.data, "is empty") }
        if head.starts(with: [0xef, 0xbb, 0xbf]) { return (.byteOrderMark, "begins with a byte order mark") }
        if head.starts(with: "MZ") { return (.system, "is a program of Windows") }
        let macOS: [[UInt8]] = [[0xcf, 0xfa, 0xed, 0xfe], [0xce, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe]]
        if macOS.contains(where: { head.starts(with: $0) }) { return (.system, "is a program of macOS or Java") }
        return head.bytes.contains(0) ? (.data, "is data") : (.format, "is text without a '#!' line")
    }

    private static func script(_ head: FileHead, folder: String, path: String?, depth: Int) -> Fault? {
        let end = head.bytes.firstIndex(of: UInt8(ascii: "\n"))
        let line = String(decoding: head.bytes[2..<min(end ?? .max, head.bytes.count, lineLimit)], as: UTF8.self)
        let words = line.drop { $0 == " " || $0 == "\t" }.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
        guard let first = words.first, !first.isEmpty, first != "\r" else {
            return Fault(kind: .interpreter, text: "names no interpreter behind '#!'")
        }
        let hasWindowsEnd = line.utf8.last == UInt8(ascii: "\r")
        let interpreter = first.hasPrefix("/") ? String(first) : "\(folder)/\(first)"
        let argument = words.count > 1 ? String(words[1]).trimmingBlanks : ""
        Trail.at(interpreter)
        guard access(interpreter, F_OK) == 0 else {
            return missing(String(first), hasWindowsEnd: hasWindowsEnd && argument.isEmpty, "does not exist")
        }
        guard access(interpreter, X_OK) == 0, !CommandLookup.isFolder(interpreter) else {
            return Fault(
                kind: .interpreter, text: "names the interpreter \(Name.quoted(interpreter)), which is not executable")
        }
        if interpreter.hasSuffix("/env"), let program = program(ofEnv: argument),
            !CommandLookup.isFound(program, path: path, folder: folder)
        {
            return missing(program, hasWindowsEnd: program.utf8.last == UInt8(ascii: "\r"), "is not in its PATH")
        }
        guard depth < deepest else {
            return Fault(kind: .interpreter, text: "has interpreters of interpreters, more than the kernel follows")
        }
        return fault(of: interpreter, folder: folder, path: path, depth: depth + 1).map {
            // Whatever is wrong with it, it is not the script that can be mended by it.
            Fault(kind: .interpreter, text: "names the interpreter \(Name.quoted(interpreter)), which \($0.text)")
        }
    }

    private static func missing(_ name: String, hasWindowsEnd: Bool, _ fault: String) -> Fault {
        guard hasWindowsEnd else {
            return Fault(kind: .interpreter, text: "names the interpreter \(Name.quoted(name)), which \(fault)")
        }
        let plain = String(name.unicodeScalars.dropLast())
        return Fault(
            kind: .lineEnds,
            text:
                "has Windows line endings (CRLF), so its interpreter is '\(plain)\\r' and not '\(plain)', and that \(fault)"
        )
    }

    /// What `env` is told to look up; nil where that is not plain to see.
    private static func program(ofEnv argument: String) -> String? {
        var words = argument.split(separator: " ").map(String.init)
        // Without -S all of it is one word.
        guard words.first == "-S" || words.first == "--split-string" else {
            return argument.hasPrefix("-") || argument.contains("=") || argument.isEmpty ? nil : argument
        }
        words.removeFirst()
        guard let word = words.first(where: { !$0.contains("=") }), !word.hasPrefix("-"),
            word.utf8.allSatisfy({ !"'\"\\$".utf8.contains($0) })
        else { return nil }
        return word
    }
}

extension String {
    /// Without blanks and tabs at either end.
    fileprivate var trimmingBlanks: String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}

/// The beginning of a regular file: as much as says what it is.
struct FileHead {
    let bytes: [UInt8]

    /// Nil for what is no file, or may be executed and not read.
    init?(_ path: String) {
        Trail.at(path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        bytes = Array(buffer[..<count])
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    func starts(with text: String) -> Bool { bytes.starts(with: text.utf8) }
    func starts(with other: [UInt8]) -> Bool { bytes.starts(with: other) }
}

/// What the kernel runs beside its own formats (binfmt_misc): programs of other machines, Java, Wine.
enum BinaryFormats {
    private static let folder = "/proc/sys/fs/binfmt_misc"

    /// Whether some such format is registered, so that nothing can be said of a strange file.
    static var hasOthers: Bool {
        guard let entries = opendir(folder) else { return false }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if ![".", "..", "register", "status"].contains(name) { return true }
        }
        return false
    }
}
