/// What a key can do. Its raw value is its name in the settings.
enum Action: String, CaseIterable, Hashable, Sendable {
    case start, stop, restart, remove
    case logs, why, detail
    case copyURL = "copy-url"
    case open
    case mark
    case find
    case filterState = "filter-state"
    case sort
    case experiments, services
    case nextTab = "next-tab"
    case up, down, left, right
    case pageUp = "page-up"
    case pageDown = "page-down"
    case first, last
    case choose, back
    case follow, wrap, streams
    case nextMatch = "next-match"
    case previousMatch = "previous-match"
    case onlyMatching = "only-matching"
    case range
    case select, copy
    case mouse
    case commands, help, redraw, suspend, quit

    /// What it does, a phrase.
    var title: String {
        switch self {
        case .start: "start"
        case .stop: "stop"
        case .restart: "restart"
        case .remove: "remove, after a question"
        case .logs: "show logs"
        case .why: "explain the state"
        case .detail: "show or hide details"
        case .copyURL: "copy the URL"
        case .open: "open the URL"
        case .mark: "mark, for several at once"
        case .find: "filter the list; search the log"
        case .filterState: "filter by state"
        case .sort: "sort by the next column"
        case .experiments: "tab Experiments"
        case .services: "tab Services"
        case .nextTab: "next tab"
        case .up: "up"
        case .down: "down"
        case .left: "left in long lines"
        case .right: "right in long lines"
        case .pageUp: "page up"
        case .pageDown: "page down"
        case .first: "to the beginning"
        case .last: "to the end"
        case .choose: "open what is selected"
        case .back: "back"
        case .follow: "log: follow new lines"
        case .wrap: "log: wrap long lines"
        case .streams: "log: both, stdout, stderr, side by side"
        case .nextMatch: "log: next match"
        case .previousMatch: "log: previous match"
        case .onlyMatching: "log: only matching lines"
        case .range: "log: time range"
        case .select: "log: select lines"
        case .copy: "log: copy the selected or visible lines"
        case .mouse: "give the mouse to the terminal, or take it back"
        case .commands: "find an action by name"
        case .help: "all keys"
        case .redraw: "draw the screen anew"
        case .suspend: "suspend"
        case .quit: "quit"
        }
    }

    fileprivate var usualKeys: [Key] {
        switch self {
        case .start: [.control("s")]
        case .stop: [.control("k")]
        case .restart: [.character("r")]
        case .remove: [.control("d")]
        case .logs: [.character("l")]
        case .why: [.character("w")]
        case .detail: [.character("d")]
        case .copyURL: [.character("u")]
        case .open: [.character("o")]
        case .mark: [.character(" ")]
        case .find: [.character("/")]
        case .filterState: [.character("f")]
        case .sort: [.character("s")]
        case .experiments: [.character("1")]
        case .services: [.character("2")]
        case .nextTab: [.tab]
        case .up: [.up, .character("k")]
        case .down: [.down, .character("j")]
        case .left: [.left]
        case .right: [.right]
        case .pageUp: [.pageUp]
        case .pageDown: [.pageDown]
        case .first: [.home, .character("g")]
        case .last: [.end, .character("G")]
        case .choose: [.enter]
        case .back: [.escape]
        case .follow: [.character("F")]
        case .wrap: [.character("W")]
        case .streams: [.character("S")]
        case .nextMatch: [.character("n")]
        case .previousMatch: [.character("N")]
        case .onlyMatching: [.character("!")]
        case .range: [.character("t")]
        case .select: [.character("v")]
        case .copy: [.character("y")]
        case .mouse: [.character("m")]
        case .commands: [.character(":")]
        case .help: [.character("?")]
        case .redraw: [.control("l")]
        case .suspend: [.control("z")]
        case .quit: [.character("q"), .control("c")]
        }
    }
}

/// Which key does what. No key does two things.
struct Keymap: Hashable, Sendable {
    private var actions: [Key: Action] = [:]
    private var keys: [Action: [Key]] = [:]

    /// The usual one.
    init() {
        for action in Action.allCases { try? set(action, action.usualKeys) }
    }

    subscript(key: Key) -> Action? { actions[key] }

    /// The keys of an action, the one to be told of first.
    subscript(action: Action) -> [Key] { keys[action] ?? [] }

    /// The name of an action's first key.
    func name(_ action: Action) -> String { self[action].first?.name ?? ":\(action.rawValue)" }

    /// What is wrong with a setting.
    struct Fault: Error, Hashable { var message: String }

    /// Gives an action these keys instead of those that it had.
    mutating func set(_ action: Action, _ new: [Key]) throws(Fault) {
        for key in new {
            if let other = actions[key], other != action {
                throw Fault(message: "\(key.name) is the key of both \(other.rawValue) and \(action.rawValue)")
            }
        }
        for key in keys[action] ?? [] { actions[key] = nil }
        keys[action] = new
        for key in new { actions[key] = action }
    }
}
