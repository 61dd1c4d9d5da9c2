/// The form of an event stream (HTML, 9.2).
enum ServerSentEvent {
    /// What keeps a stream from being taken for dead.
    static let comment = Array(":\n\n".utf8)

    /// One event. `data` is JSON, of one line where xpmd has written it: line feeds in it are white space.
    static func bytes(name: String? = nil, id: String? = nil, data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 64)
        if let name { bytes += Array("event: \(name)\n".utf8) }
        if let id { bytes += Array("id: \(id)\n".utf8) }
        bytes += Array("data: ".utf8)
        bytes += data.contains { $0 == 0x0A || $0 == 0x0D } ? data.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } : data
        bytes += Array("\n\n".utf8)
        return bytes
    }

    /// Only a position, without an event.
    static func position(_ id: String) -> [UInt8] { Array("id: \(id)\n\n".utf8) }
}
