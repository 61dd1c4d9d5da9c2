import XPMClient
import XPMProtocol

/// All that the monitor knows and shows, as a value: messages change it, and say what is to be done.
struct MonitorState: Sendable {
    enum Tab: Hashable, Sendable { case experiments, services }

    var model = MirrorModel()
    var columns: Int
    var rows: Int
    /// Whether the terminal shows more than ASCII.
    var isUnicode: Bool
    var keymap: Keymap

    var tab = Tab.experiments
    var runs = RunTable()
    /// The services of the run that was chosen.
    var openRun: ServiceTable?
    /// What is not stopped, of all runs.
    var everything = ServiceTable(ServiceFilter())
    /// How many services are running.
    var running = 0

    /// The logs that are shown.
    var logs: LogView?
    var logGeneration = 0
    var showsDetail = false
    var detail: Detail?
    /// The seconds of the user's clock before UTC's.
    var zone: Int64 = 0
    var overlay: Overlay?
    var notice: Notice?
    /// What was asked for and has not come about yet, to be told when it has.
    var awaited: [ServiceIdentity: Request.Verb] = [:]
    /// Whether last lines are on their way; those of one failure at a time.
    var readsLastLines = false
    var hasMouse = true
    /// Whether the list was complete once: until then nothing is highlighted.
    var wasLive = false

    init(columns: Int, rows: Int, isUnicode: Bool = true, keymap: Keymap = Keymap()) {
        (self.columns, self.rows) = (max(1, columns), max(1, rows))
        (self.isUnicode, self.keymap) = (isUnicode, keymap)
    }

    /// Takes in one message.
    mutating func update(_ message: Message) -> [Effect] {
        var effects = take(message)
        reveal()
        effects += followDetail()
        return effects
    }

    private mutating func take(_ message: Message) -> [Effect] {
        switch message {
        case .input(.key(let key)): return press(key)
        case .input(.paste(let text)): return paste(text)
        case .input(.mouse(let mouse)): return point(mouse)
        case .changes(let changes): return take(changes)
        case .resized(let columns, let rows):
            (self.columns, self.rows) = (max(1, columns), max(1, rows))
            return []
        case .answered(let request, let error): return answered(request, error)
        case .lastLines(let service, let lines):
            readsLastLines = false
            if notice?.service == service, notice?.isFailure == true { notice?.lines = Array(lines.suffix(3)) }
            return []
        case .log(let read, let answer): return take(read, answer)
        case .detail(let service, let facts, let at):
            take(service, facts, at: at)
            return []
        case .page(let page):
            overlay = .page(page)
            return []
        case .told(let notice):
            self.notice = notice
            return []
        }
    }
}

/// What lies over the lists and takes the keys.
enum Overlay: Hashable, Sendable {
    case help(top: Int)
    case palette(Palette)
    /// Text that is typed, and what for.
    case prompt(Prompt)
    case states(selected: Int)
    case question([ServiceIdentity])
    case page(Page)
}

/// What is typed at `/`.
struct Prompt: Hashable, Sendable {
    enum Purpose: Hashable, Sendable {
        /// The list as it is typed; the others once it is typed.
        case filter
        case search, onlyMatching, range

        var sign: String {
            switch self {
            case .filter, .search: "/"
            case .onlyMatching: "only lines with (! without): "
            case .range: "time (10m, 10:30..11:00): "
            }
        }
    }
    var purpose: Purpose
    var text: String
    /// What stood there before, for who gives up.
    var before: String
}

/// A text to be read, as why a service is in its state.
struct Page: Hashable, Sendable {
    var title: String
    var lines: [String]
    var top = 0
}

/// Actions by name.
struct Palette: Hashable, Sendable {
    var text = ""
    var selected = 0

    var found: [Action] {
        Action.allCases.filter { FuzzyFilter.matches(text, "\($0.rawValue) \($0.title)") }.sorted { one, other in
            let (a, b) = (one.rawValue.hasPrefix(text), other.rawValue.hasPrefix(text))
            return a && !b
        }
    }
}
