/// What others did to a log's file while it was written.
public enum Surprise: UInt8, Sendable, CaseIterable {
    /// Its last name is gone.
    case removed = 0
    /// It has another name now, or another file has its name.
    case moved = 1
    /// It got shorter.
    case emptied = 2
    /// Somebody else wrote into it.
    case appended = 3
    /// Its sidecar is gone.
    case timesRemoved = 4
}
