import Glibc

/// Why lines are not in a log, as the log says it.
enum DropCause: Equatable, Sendable {
    /// Nobody knows any more.
    case unknown
    /// The file system did not answer.
    case hangs
    /// The lines of the attempt before could not be written.
    case waits
    /// An error of the system.
    case system(Int32)
    /// Something that only the logger that dropped them can name.
    case other(String)

    /// Why something could not be written.
    init(_ error: LogFileError) {
        self = error.errno > 0 ? .system(error.errno) : .other(error.cause)
    }

    /// As `code`; what is none counts as unknown.
    init(code: UInt32) {
        switch code {
        case 0x1_0000: self = .hangs
        case 0x1_0001: self = .waits
        case 1...0xFFFF: self = .system(Int32(code))
        default: self = .unknown
        }
    }

    /// For a table; 0 where another logger could not name it.
    var code: UInt32 {
        switch self {
        case .hangs: 0x1_0000
        case .waits: 0x1_0001
        case .system(let error): UInt32(clamping: min(error, 0xFFFF))
        case .unknown, .other: 0
        }
    }

    /// Behind "3 lines dropped: ".
    var text: String {
        switch self {
        case .unknown: "the log could not be written"
        case .hangs: "its file system does not answer"
        case .waits: "what came before them could not be written"
        case .system(let error): LogFileError(cannot: "write", error).cause
        case .other(let text): text
        }
    }
}
