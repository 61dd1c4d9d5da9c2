/// A span of time as people write it: `2.5` for seconds, `500ms`, `30s`, `5m`, `2h`, `1d`, `1m30s`.
enum Span {
    private static let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400]
    /// What the protocol takes at most.
    private static let longest = 1e9

    /// The seconds that `text` means.
    static func seconds(_ text: String) throws(Unreadable) -> Double {
        guard let seconds = plain(text) ?? sum(text[...]), seconds <= longest else {
            throw Unreadable(
                "a time is a number of seconds from 0 to 1000000000, or a number with ms, s, m, h or d, such as 90, 500ms or 5m"
            )
        }
        return seconds
    }

    /// A number alone; no sign, and no word such as `inf`.
    private static func plain(_ text: String) -> Double? {
        text.first.map { $0.isNumber || $0 == "." } == true ? Double(text) : nil
    }

    /// One or more numbers with their units behind them.
    private static func sum(_ text: Substring) -> Double? {
        var rest = text
        var sum = 0.0
        repeat {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest[digits.endIndex...]
            let unit = rest.prefix { $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let number = Double(digits), let factor = units[String(unit)] else { return nil }
            sum += number * factor
        } while !rest.isEmpty
        return sum
    }

    /// `2 min 3 s`: the two largest units.
    static func text(seconds: Double) -> String {
        let whole = Int64(max(0, min(seconds, longest)).rounded())
        let tenths = Int64((max(0, min(seconds, longest)) * 10).rounded())
        guard whole >= 10 || tenths % 10 == 0 else { return "\(tenths / 10).\(tenths % 10) s" }
        let parts = [(whole / 86400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
