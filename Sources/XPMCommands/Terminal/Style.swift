import XPMClient
import XPMProtocol

/// Colours, where they are wanted: on a terminal, and not with `NO_COLOR` (no-color.org) or on a dumb one.
struct Style {
    let isColoured: Bool

    static let plain = Style(isColoured: false)

    static func forTerminal(_ isTerminal: Bool, environment: [String: String] = ProcessEnvironment.current) -> Style {
        let refused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Style(isColoured: isTerminal && !refused && environment["TERM"] != "dumb")
    }

    /// `text` in the colour of a state.
    func paint(_ text: String, as state: ServiceState) -> String {
        switch state {
        case .running: sgr("32", text)
        case .starting, .stopping: sgr("33", text)
        case .error: sgr("31", text)
        case .stopped: sgr("2", text)
        }
    }

    func bold(_ text: String) -> String { sgr("1", text) }

    func dim(_ text: String) -> String { sgr("2", text) }

    private func sgr(_ code: String, _ text: String) -> String { isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
}
