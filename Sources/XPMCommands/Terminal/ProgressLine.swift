/// One line on a terminal that is written again and again; nothing where standard error is none.
struct ProgressLine {
    let isShown: Bool
    private var turn = 0

    init(isShown: Bool = StandardError.isTerminal) { self.isShown = isShown }

    mutating func show(_ text: String) {
        guard isShown else { return }
        let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
        turn += 1
        StandardError.write("\r\u{1b}[K\(frames[turn % frames.count]) \(Sanitizer.line(text))")
    }

    func clear() {
        if isShown && turn > 0 { StandardError.write("\r\u{1b}[K") }
    }
}
