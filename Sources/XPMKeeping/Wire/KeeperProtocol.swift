// The keeper's protocol
//
// A frame is a length and that many bytes of body; a body is a type and its fields, one after the other.
//
//     frame    u32 length (1 … 16 MiB), body
//     body     u8 type, fields
//     string   u32 length, UTF-8 bytes
//     list     u32 count, elements
//     bool     u8, 0 or 1
//
// Integers are little endian. A body that ends early, has bytes left over, or a type or tag that is not listed
// ends the connection: with a version agreed on, neither side meets a message that it does not know.
//
//     xpmd → keeper
//       1 hello          u16 minimum, u16 maximum
//       2 spawn          u64 attempt, list of string arguments, list of string environment,
//                        string directory, string stdout, string stderr, string marker
//       3 adopt          u64 attempt, i32 pid, u64 start time, string marker
//       4 signal         u64 attempt, i32 signal
//       5 kill           u64 attempt
//       6 acknowledge    u64 attempt
//       7 shutdown
//     keeper → xpmd
//     129 welcome        u16 version, i32 pid, u64 instance, string boot id
//     130 snapshot       list of: u64 attempt, i32 pid, u64 start time, phase
//                        phase: u8 0 running | 1 exited, exit status, u64 milliseconds, bool emptied
//     131 spawned        u64 attempt, i32 pid, u64 start time
//     132 spawnFailed    u64 attempt, u8 stage, i32 errno
//                        stage: 0 folder | 1 log | 2 exec | 3 resources
//     133 exited         u64 attempt, exit status, u64 milliseconds
//                        exit status: u8 0 code, i32 | 1 signal, i32, bool core | 2 unknown
//     134 emptied        u64 attempt
//     135 refused        string reason
//     136 incompatible   u16 minimum, u16 maximum
//
// History
//   1  the above

/// What both ends of the keeper's protocol agree on.
public enum KeeperProtocol {
    /// The versions that this build speaks.
    public static let versions: ClosedRange<UInt16> = 1...1

    /// The longest body of a frame; a longer one is refused before anything is allocated for it.
    public static let maximumBodyLength = 16 << 20

    /// The newest version within both ranges, or nil where they don't meet.
    public static func agreed(minimum: UInt16, maximum: UInt16) -> UInt16? {
        let newest = min(maximum, versions.upperBound)
        return newest >= max(minimum, versions.lowerBound) ? newest : nil
    }
}
