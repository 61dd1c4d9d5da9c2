/// What an attempt says of itself (sd_notify(3)): lines of the variables that xpmd knows, in the order in which they were said.
/// Of those of which the last word counts there is one; others, which are of the moment, count each.
///
/// Several datagrams become one this way: a flood of them is no more to be told of than its last.
struct Notices {
    struct Notice: Equatable {
        let variable: Variable
        let line: String
        let pid: Int32
    }

    enum Variable: String, CaseIterable {
        case ready = "READY"
        case status = "STATUS"
        case stopping = "STOPPING"
        case mainPid = "MAINPID"
        case url = "X_XPM_URL"
        /// Why an attempt is about to fail.
        case error = "X_XPM_ERROR"
        case errno = "ERRNO"
        case watchdogTime = "WATCHDOG_USEC"
        case watchdog = "WATCHDOG"
        case moreTime = "EXTEND_TIMEOUT_USEC"
        case store = "FDSTORE"

        /// Whether whoever listens later is told it.
        var lasts: Bool { isReplaced && self != .watchdogTime }

        /// Whether its last word counts.
        fileprivate var isReplaced: Bool {
            switch self {
            case .watchdog, .moreTime, .store: false
            case .ready, .status, .stopping, .mainPid, .url, .error, .errno, .watchdogTime: true
            }
        }
    }

    private(set) var latest: [Notice] = []

    /// One text for all.
    var text: String { latest.map(\.line).joined(separator: "\n") }

    mutating func add(_ notices: [Notice]) {
        for notice in notices {
            latest.removeAll { $0.variable == notice.variable && ($0.line == notice.line || $0.variable.isReplaced) }
            latest.append(notice)
        }
    }
}

extension Notices {
    /// What a datagram says: the last line of each variable. Whatever else it has costs no more than a look.
    static func read(_ datagram: [UInt8], from pid: Int32) -> [Notice] {
        guard String(validating: datagram, as: UTF8.self) != nil else { return [] }
        var found: [Variable: Range<Int>] = [:]
        datagram.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                if end - start >= shortest, let variable = variable(of: bytes[start..<end]) {
                    found[variable] = start..<end
                }
                start = end + 1
            }
        }
        return found.sorted { $0.value.lowerBound < $1.value.lowerBound }.map { variable, range in
            Notice(variable: variable, line: String(decoding: datagram[range], as: UTF8.self), pid: pid)
        }
    }

    private static let names = Variable.allCases.map { (variable: $0, bytes: Array("\($0.rawValue)=".utf8)) }
    private static let shortest = names.map(\.bytes.count).min() ?? 0

    private static func variable(of line: Slice<UnsafeRawBufferPointer>) -> Variable? {
        // By bytes: to Swift, an equals sign before an accent is another character.
        names.first { line.starts(with: $0.bytes) }
            .flatMap { $0.variable.isTaken(line.dropFirst($0.bytes.count)) ? $0.variable : nil }
    }
}

extension Notices.Variable {
    /// Two can only be set: another value takes nothing back.
    fileprivate func isTaken(_ value: Slice<UnsafeRawBufferPointer>) -> Bool {
        switch self {
        case .ready, .stopping: value.elementsEqual("1".utf8)
        case .status, .mainPid, .url, .error, .errno, .watchdogTime, .watchdog, .moreTime, .store: true
        }
    }
}
