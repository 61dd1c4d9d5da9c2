/// What a bearer token allows.
public enum WebScope: String, Codable, CaseIterable, Sendable {
    /// To look: lists, records, logs, events, metrics.
    case read
    /// To look, and to start, stop, restart and signal services.
    case control
    /// Everything that its user may, services' own pages included.
    case all

    /// Whether it includes what another one allows.
    public func allows(_ other: WebScope) -> Bool {
        switch (self, other) {
        case (.all, _), (.control, .read), (.control, .control), (.read, .read): true
        case (.control, .all), (.read, .control), (.read, .all): false
        }
    }
}
