import XPMClient

/// One line on a terminal that is written again and again, never longer than the terminal is wide at that moment; nothing where
/// standard error is none.
struct ProgressLine {
    let isShown: Bool
    private let width: () -> Int?
    private let write: (String) -> Void
    private var turn = 0
    private var isDrawn = false

    init(
        isShown: Bool = StandardError.isTerminal && ProcessEnvironment.current["TERM"] != "dumb",
        width: @escaping () -> Int? = { TerminalWidth.of(StandardError.descriptor) },
        write: @escaping (String) -> Void = { StandardError.write($0) }
    ) {
        self.isShown = isShown
        self.width = width
        self.write = write
    }

    mutating func show(_ text: String) {
        guard isShown else { return }
        let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
        turn += 1
        isDrawn = true
        // The last column stays free: behind a full line some terminals begin the next one.
        let room = (width() ?? 80) - 1
        write("\r\u{1b}[K" + DisplayWidth.cut("\(frames[turn % frames.count]) \(Sanitizer.line(text))", to: room))
    }

    mutating func clear() {
        if isDrawn { write("\r\u{1b}[K") }
        isDrawn = false
    }
}
