import XPMProtocol

extension FuzzTarget {
    /// What people and clients write for names, places and times; another one stands behind a NUL.
    static let names = FuzzTarget(name: "names", lengthLimit: 1024) { bytes in
        let (one, other) = bytes.halves
        let (text, folder) = (String(decoding: one, as: UTF8.self), "/" + String(decoding: other, as: UTF8.self))
        _ = try? Name.validate(text, of: "a service")
        try require(Name.quoted(text).unicodeScalars.count <= 16 * Name.limit + 3, "what is quoted is bounded")
        if let reference = try? ServiceReference(parsing: text) { try FuzzedMethod.stable(reference) }
        if let path = try? WorkspacePath.normalized(text) {
            try require((try? WorkspacePath.normalized(path)) == path, "a workspace's path has one form")
            try require(WorkspacePath.depth(of: path, below: path) == 0, "a workspace is in itself")
            _ = WorkspacePath.holds(path, folder, homes: ["/root", folder])
        }
        let absolute = WrittenPath.absolute(text, in: folder) { $0.isEmpty ? "/home/u" : nil }
        try require(absolute.hasPrefix("/") || WrittenPath.isAddress(text), "a path is absolute")
        _ = Suggestion.close(to: text, in: ["tensorboard", "jupyterlab", folder], most: 3)
        guard let moment = try? Wire.decode(Timestamp.self, from: Wire.encode(text)) else { return }
        try FuzzedMethod.stable(moment)
    }
}
