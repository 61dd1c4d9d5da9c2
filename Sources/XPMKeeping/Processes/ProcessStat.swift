/// What /proc/pid/stat says of a process, as far as the keeper asks (proc_pid_stat(5)).
struct ProcessStat: Equatable, Sendable {
    var pid: Int32
    /// The program's name, cut to 15 bytes.
    var name: ArraySlice<UInt8>
    var parent: Int32
    var group: Int32
    var session: Int32
    /// The letter of proc_pid_stat(5): `D` is uninterruptible sleep.
    var state: UInt8
    /// Processor time of it and of the children that it has waited for, rounded down to ticks of the kernel's clock.
    var microseconds: UInt64
    /// In clock ticks since boot; with the pid it names one process of this boot.
    var startTime: UInt64
    /// Dead, whether or not its parent has taken note. A zombie whose other threads go on is not.
    var isGone: Bool
    /// False amid execve, while it dies, and for who may not look.
    var showsEnvironment: Bool

    /// Reads the file's one line; nil if it is not of that form.
    init?(line: [UInt8]) {
        // The program's name is its own choice, spaces and parentheses included: only the last one is the kernel's.
        guard let open = line.firstIndex(of: UInt8(ascii: "(")),
            let close = line.lastIndex(of: UInt8(ascii: ")")), open < close
        else { return nil }
        let fields = line[(close + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19,
            let pid = Int32(ascii: line[..<open].filter { $0 != UInt8(ascii: " ") }[...]),
            let state = fields[0].first,
            let parent = Int32(ascii: fields[1]),
            let group = Int32(ascii: fields[2]),
            let session = Int32(ascii: fields[3]),
            let threads = Int32(ascii: fields[17]),
            let startTime = UInt64(ascii: fields[19])
        else { return nil }
        self.pid = pid
        name = line[(open + 1)..<close]
        self.parent = parent
        self.group = group
        self.session = session
        self.startTime = startTime
        self.state = state
        // utime, stime, cutime and cstime; USER_HZ is 100 on all that Linux runs on today. What the kernel says wrongly ends nobody.
        microseconds = fields[11...14].compactMap { UInt64(ascii: $0) }.reduce(0, &+) &* 10_000
        let ended = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        isGone = ended && threads <= 1
        // The address of its end; older kernels than 3.5 don't tell it.
        showsEnvironment = fields.count <= 48 || fields[48] != [UInt8(ascii: "0")]
    }
}

extension FixedWidthInteger {
    /// Reads decimal digits, behind a minus or not; nil for anything else or what does not fit. Lists of a thousand
    /// children are read at each death: too often for the way over String.
    init?(ascii bytes: ArraySlice<UInt8>) {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = isNegative ? bytes.dropFirst() : bytes
        guard !digits.isEmpty else { return nil }
        var value: Self = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Self(digit - UInt8(ascii: "0"))
            let (sum, carry) =
                isNegative
                ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        self = value
    }
}
