/// Who holds which lock, by /proc/locks: nothing is touched.
struct LockTable {
    /// A lock of flock(2).
    struct Lock: Hashable {
        var device: Device
        var pid: Int32
    }

    /// A device as the kernel tells it there.
    struct Device: Hashable {
        var major: UInt32
        var minor: UInt32
    }

    private var locks: [UInt: [Lock]] = [:]

    /// Reads lines like `1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234567 0 EOF`. Those that wait for a lock have an arrow.
    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard fields.count > 5, fields[1] == "FLOCK", let pid = Int32(fields[4]), pid > 0 else { continue }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, let major = UInt32(place[0], radix: 16), let minor = UInt32(place[1], radix: 16),
                let inode = UInt(place[2])
            else { continue }
            locks[inode, default: []].append(Lock(device: Device(major: major, minor: minor), pid: pid))
        }
    }

    /// The locks on files of that number, of whatever device.
    func locks(inode: UInt) -> [Lock] { locks[inode] ?? [] }
}
