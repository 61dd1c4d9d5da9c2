import Glibc
import XPMProtocol

/// Finds the file that a command means, as execvp does, but in the service's own environment and with an error that says why not.
/// May block: for a worker.
enum CommandLookup {
    /// The absolute path of `command`, which the kernel can run as far as that can be told; a name without a slash is looked for in `path`, a relative path in `folder`.
    static func find(_ command: String, path: String?, folder: String, service: String) throws(WireError) -> String {
        let file = try located(command, path: path, folder: folder, service: service)
        if let fault = ProgramFile.fault(of: file, folder: folder, path: path) {
            throw WireError(
                .commandNotExecutable, "cannot start \(service): \(Name.quoted(file)) \(fault.text)",
                data: [
                    "command": .string(command), "fault": .string(fault.kind.rawValue), "path": .string(file),
                ])
        }
        return file
    }

    /// Whether `find` would find some file by that name, whatever that is.
    static func isFound(_ command: String, path: String?, folder: String) -> Bool {
        (try? located(command, path: path, folder: folder, service: "")) != nil
    }

    /// The same without a look into the file.
    static func located(
        _ command: String, path: String?, folder: String, service: String
    ) throws(WireError) -> String {
        let details: [String: JSONValue] = ["command": .string(command)]
        if command.contains("/") {
            let file = command.hasPrefix("/") ? command : "\(folder)/\(command)"
            Trail.at(file)
            guard access(file, F_OK) == 0 else {
                let target = linkTarget(of: file).map { "is a link to \(Name.quoted($0)), which does not exist" }
                throw WireError(
                    .commandNotFound,
                    "cannot start \(service): the command \(Name.quoted(file)) \(target ?? "does not exist")",
                    data: details)
            }
            try requireExecutable(file, service: service, details: details)
            return file
        }
        var refused: String?
        for entry in (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":", omittingEmptySubsequences: false) {
            let directory = entry.isEmpty ? folder : entry.hasPrefix("/") ? String(entry) : "\(folder)/\(entry)"
            let file = "\(directory)/\(command)"
            Trail.at(file)
            if isExecutable(file) { return file }
            if refused == nil, access(file, F_OK) == 0, !isFolder(file) { refused = file }
        }
        if let refused { try requireExecutable(refused, service: service, details: details) }
        throw WireError(
            .commandNotFound, "cannot start \(service): the command \(Name.quoted(command)) is not in its PATH",
            data: details)
    }

    private static func requireExecutable(
        _ file: String, service: String, details: [String: JSONValue]
    ) throws(WireError) {
        guard isExecutable(file) else {
            var details = details
            details["path"] = .string(file)
            if isFolder(file) { details["fault"] = "folder" }
            let fault = isFolder(file) ? "is a folder" : "is not executable"
            throw WireError(
                .commandNotExecutable, "cannot start \(service): \(Name.quoted(file)) \(fault)", data: details)
        }
    }

    /// What a symbolic link says; nil for anything else.
    private static func linkTarget(of file: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(file, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    private static func isExecutable(_ file: String) -> Bool { !isFolder(file) && access(file, X_OK) == 0 }

    static func isFolder(_ file: String) -> Bool {
        var status = stat()
        return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
