/// A text that fits where there is little room.
enum ShortText {
    /// At most `limit` characters, the last of them `…` where something was cut.
    static func cut(_ text: some StringProtocol, to limit: Int) -> String {
        // Counted no further than the limit: lines of logs may have any length.
        guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex), end != text.endIndex
        else {
            return String(text)
        }
        return text.prefix(limit - 1) + "…"
    }
}
