import XPMProtocol

/// In which inherited variables a service that runs differs from what it would be started with now: none that terminals and
/// sessions set, which differ always and change nothing, and none that its user has written, which its definition is compared by.
enum InheritedDifferences {
    /// Those that decide what a command's words mean come first.
    private static let telling = ["PATH", "VIRTUAL_ENV", "CONDA_PREFIX"]
    /// How many are named, and how much of a value is shown.
    private static let limit = 6
    private static let valueLimit = 60

    private static let ofSessions: Set = [
        "_", "COLORFGBG", "COLORTERM", "COLUMNS", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL", "DESKTOP_SESSION", "DISPLAY",
        "HISTCONTROL", "HISTFILE", "HISTSIZE", "INSIDE_EMACS", "LINES", "LS_COLORS", "MAIL", "MOTD_SHOWN", "OLDPWD",
        "PROMPT_COMMAND", "PS1", "PWD", "SESSION_MANAGER", "SHLVL", "STY", "VIRTUAL_ENV_PROMPT", "WINDOW", "WINDOWID",
        "WT_PROFILE_ID", "WT_SESSION", "XAUTHORITY", "XDG_CURRENT_DESKTOP", "XDG_MENU_PREFIX", "XDG_RUNTIME_DIR",
        "XDG_SEAT", "XDG_VTNR",
    ]
    private static let prefixes = [
        "ALACRITTY_", "BASH_FUNC_", "BYOBU_", "DBUS_", "GNOME_", "GPG_", "ITERM_", "KDE_", "KITTY_", "KONSOLE_",
        "LC_TERMINAL", "SSH_", "SUDO_", "TERM", "TMUX", "VSCODE_", "VTE_", "WAYLAND_", "WEZTERM_", "XDG_SESSION",
        "XPM_", "ZELLIJ",
    ]

    /// One phrase for each: `another PATH`, `CUDA_VISIBLE_DEVICES 0`, `HF_HOME not set`; of many the first ones.
    static func phrases(_ known: ServiceDefinition, beside new: ServiceDefinition) -> [String] {
        let (old, here) = (known.environment ?? [:], new.environment ?? [:])
        let written = Set((known.explicit?.variables ?? []) + (new.explicit?.variables ?? []))
        let names = Set(old.keys).union(here.keys).subtracting(written).filter {
            old[$0] != here[$0] && !isOfSession($0)
        }
        let sorted = telling.filter(names.contains) + names.subtracting(telling).sorted()
        let phrases = sorted.prefix(limit).map { name in phrase(name, old[name]) }
        return phrases + (sorted.count > limit ? ["\(sorted.count - limit) more variables that differ"] : [])
    }

    private static func isOfSession(_ name: String) -> Bool {
        ofSessions.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    private static func phrase(_ name: String, _ value: String?) -> String {
        // Two search paths side by side tell nobody anything.
        if name == "PATH" { return "another PATH" }
        guard let value else { return "\(name) not set" }
        guard case .object(let shown) = SecretMask.masked(.object([name: .string(value)])), let text = shown[name]?.text
        else { return name }
        if text == SecretMask.text { return "another \(name)" }
        return "\(name) \(text.isEmpty ? "''" : ShortText.cut(text, to: valueLimit))"
    }
}
