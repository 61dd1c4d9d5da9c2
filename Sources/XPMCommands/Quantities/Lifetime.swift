import XPMProtocol

/// How long a service lives as people write it: `keep`, `stop`, or a span beyond the end of its run, `10m`.
enum Lifetime {
    /// The policy that `text` means.
    static func policy(_ text: String) throws(Unreadable) -> LifetimePolicy {
        if let ending = LifetimePolicy.Ending(rawValue: text) { return LifetimePolicy(ending) }
        do {
            return LifetimePolicy(.stop, delaySeconds: try Span.seconds(text))
        } catch {
            throw Unreadable("a lifetime is keep, stop, or a delay such as 10m")
        }
    }
}
