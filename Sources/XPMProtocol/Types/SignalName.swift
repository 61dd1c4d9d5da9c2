/// Linux's signals by name, with the numbers that they have on every architecture that Swift runs on.
public enum SignalName {
    private static let names: [Int32: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1",
        11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 16: "STKFLT", 17: "CHLD", 18: "CONT", 19: "STOP",
        20: "TSTP", 21: "TTIN", 22: "TTOU", 23: "URG", 24: "XCPU", 25: "XFSZ", 26: "VTALRM", 27: "PROF", 28: "WINCH",
        29: "IO", 30: "PWR", 31: "SYS",
    ]
    private static let aliases: [String: Int32] = ["IOT": 6, "CLD": 17, "POLL": 29]
    /// Those that programs have for their own purposes; 32 and 33 are the C library's.
    private static let realTime: ClosedRange<Int32> = 34...64
    /// By SIGWINCH some web servers end gracefully.
    private static let ending: Set<Int32> = [1, 2, 3, 6, 9, 10, 12, 14, 15, 28]

    /// The signal that `text` means: a name in any case with or without SIG, `RTMIN+3`, `RTMAX-1`, or a number; nil for none.
    public static func number(_ text: String) -> Int32? {
        let upper = text.uppercased()
        if let number = upper.allSatisfy(\.isNumber) ? Int32(upper) : nil {
            return names[number] != nil || realTime.contains(number) ? number : nil
        }
        let name = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        return names.first { $0.value == name }?.key ?? aliases[name] ?? realTime(name)
    }

    private static func realTime(_ name: String) -> Int32? {
        for (base, sign, edge) in [("RTMIN", "+", realTime.lowerBound), ("RTMAX", "-", realTime.upperBound)]
        where name.hasPrefix(base) {
            let rest = name.dropFirst(base.count)
            if rest.isEmpty { return edge }
            let digits = rest.dropFirst()
            guard rest.hasPrefix(sign), digits.allSatisfy(\.isNumber), let distance = Int32(digits), 0...30 ~= distance
            else { return nil }
            return sign == "+" ? edge + distance : edge - distance
        }
        return nil
    }

    /// `SIGTERM`, `SIGRTMIN+3`; `signal 0` for a number that is not a signal.
    public static func text(_ number: Int32) -> String {
        if let name = names[number] { return "SIG\(name)" }
        guard realTime.contains(number) else { return "signal \(number)" }
        return number == realTime.lowerBound ? "SIGRTMIN" : "SIGRTMIN+\(number - realTime.lowerBound)"
    }

    /// Whether a process may be told to end by it.
    public static func ends(_ number: Int32) -> Bool { ending.contains(number) || realTime.contains(number) }

    /// What may be named in place of one that does not end a process.
    public static let endingText = "use one of \(ending.map(text).sorted().joined(separator: ", ")), or SIGRTMIN+N"
}
