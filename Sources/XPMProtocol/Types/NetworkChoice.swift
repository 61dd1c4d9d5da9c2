/// Which network a service runs in.
public enum NetworkChoice: String, WordChoice, Sendable {
    /// That of the machine.
    case host
    /// One of its own, in which nothing is but itself: its ports are reached by xpmd and the gateway of its user alone.
    case `private`
}
