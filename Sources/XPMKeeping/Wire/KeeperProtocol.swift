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
//       8 useCgroup      string folder
//       9 spawn          as 2, then: optional i32 nice, optional i32 oom score, list of (u8 resource, u64 limit),
//                        u64 memory, u64 tasks, u32 cpu weight (0 for none, each), string notify socket, string journal
//                        resource: its number on Linux; limit: u64 maximum for none
//                        optional: bool, and the value where it is true
//      10 adopt          as 3, then: string cgroup, string notify socket
//      11 follow         u64 attempt, i32 pid
//      12 measure        list of u64 attempts; empty for all
//      13 inspect        u64 attempt
//      14 deliver        u64 attempt, i32 signal, u8 target, bool resumes
//                        target: 0 main process | 1 tree
//      15 spawn          as 9, then what its caller had: optional i32 umask, optional i32 nice, optional i32 oom score,
//                        list of u16 processors, list of (u8 resource, u64 soft limit, u64 hard limit)
//      16 spawn          as 15, then: u64 size, u64 age, u32 count, bool rotates at start, optional (u16 columns, u16 rows):
//                        it writes into pipes, or one terminal of that size, and logs are rotated so
//      17 adopt          as 10, then: string stdout, string stderr, u64 size, u64 age, u32 count, bool rotates at start,
//                        bool has a terminal
//      18 settle         u64 attempt
//      19 clearLog       string path
//      20 adoptedAll
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
//     137 cgroup         string folder, list of string controllers, string reason
//     138 usage          list of: u64 attempt, u32 processes, u64 memory, u64 microseconds
//     139 processes      u64 attempt, list of: i32 pid, u8 state, string name, string wait channel
//     140 notified       u64 attempt, i32 pid, string text
//                        what was said in one or more datagrams: lines of the variables that xpmd knows
//     141 spent          u64 attempt, u64 microseconds, u64 memory, bool out of memory
//     142 settled        u64 attempt
//     143 cleared        string path, string problem
//     144 logged         u64 attempt, string path, string text
//     145 logger         string fault
//
// History
//   1  0 to 7, 129 to 136
//   2  8 to 13, 137 to 141; after welcome come cgroup, spent of each attempt that has exited, snapshot, notified
//   3  14, 15
//   4  16 to 20, 142 to 144
//   5  145

/// What both ends of the keeper's protocol agree on.
public enum KeeperProtocol {
    /// The versions that this build speaks.
    public static let versions: ClosedRange<UInt16> = 1...5

    /// Whether a number is that of a command beside a service, which is no attempt at the service. What it writes into a service's log belongs
    /// to the attempt that the log tells of already.
    public static func isCommand(_ attempt: UInt64) -> Bool { attempt >> 63 == 1 }

    /// The longest body of a frame; a longer one is refused before anything is allocated for it.
    public static let maximumBodyLength = 16 << 20

    /// The newest version within both ranges, or nil where they don't meet.
    public static func agreed(minimum: UInt16, maximum: UInt16) -> UInt16? {
        let newest = min(maximum, versions.upperBound)
        return newest >= max(minimum, versions.lowerBound) ? newest : nil
    }
}
