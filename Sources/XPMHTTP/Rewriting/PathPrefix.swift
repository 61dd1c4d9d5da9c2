/// A path that stands before those of a backend.
struct PathPrefix {
    private let prefix: [UInt8]

    init(_ prefix: [UInt8]) { self.prefix = prefix }

    /// Whether a path has it already, as whole segments.
    func isOn(_ path: UnsafeRawBufferPointer) -> Bool {
        guard path.starts(with: prefix) else { return false }
        guard path.count > prefix.count else { return true }
        let next = path[prefix.count]
        return next == Alphabet.slash || next == Alphabet.question || next == 0x23
    }

    /// What the prefix is to be put before, where a Location lacks it: a path from the root, or that of a URL to one of
    /// `backends`. Nil where it stays: relative paths, other hosts (`//host`, too), and what has it.
    func missing(in location: UnsafeRawBufferPointer, backends: [[UInt8]]) -> UnsafeRawBufferPointer? {
        guard let path = path(of: location, backends: backends) else { return nil }
        // A path with two slashes at its beginning is no other host once something stands before it.
        return location.first == Alphabet.slash && isOn(path)
            ? nil : isOn(path) ? path.cut(prefix.count, path.count) : path
    }

    private func path(of location: UnsafeRawBufferPointer, backends: [[UInt8]]) -> UnsafeRawBufferPointer? {
        guard location.count > 0 else { return nil }
        if location[0] == Alphabet.slash {
            // Browsers take a backslash for a slash.
            let isHost = location.count > 1 && (location[1] == Alphabet.slash || location[1] == Alphabet.backslash)
            return isHost ? nil : location
        }
        let scheme = location.cut(0, location.place(of: Alphabet.slash))
        guard scheme.equalsIgnoringCase("http:") || scheme.equalsIgnoringCase("https:") else { return nil }
        let start = scheme.count + 2
        guard location.count >= start, location[scheme.count + 1] == Alphabet.slash else { return nil }
        let end =
            location[start...].firstIndex { [Alphabet.slash, Alphabet.question, 0x23].contains($0) } ?? location.count
        let authority = location.cut(start, end)
        let isBackend = backends.contains { backend in backend.withUnsafeBytes { authority.equalsIgnoringCase($0) } }
        return isBackend ? location.cut(end, location.count) : nil
    }

    /// Writes a cookie's path with the prefix before it: all of the backend is what is below the prefix.
    func write(_ path: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
        guard path.first == Alphabet.slash, !isOn(path) else { return writer.append(path) }
        writer.append(prefix)
        if path.count > 1 { writer.append(path) }
    }
}
