import XPMProtocol

/// What a service that lives in a client's process can be asked for.
enum HostedDefinition {
    /// Refuses what nobody could keep: what is done to a process is not done to one that belongs to somebody else.
    static func check(_ definition: ServiceDefinition, id: String) throws(WireError) {
        let log = definition.log
        let wishes: [(String, Bool)] = [
            ("limits", definition.limits != nil), ("restart", definition.restart != nil),
            ("success_codes", definition.successCodes != nil), ("stop.command", definition.stop?.command != nil),
            ("stop.signal", definition.stop?.signal != nil), ("readiness.log", definition.readiness?.log != nil),
            ("readiness.command", definition.readiness?.command != nil),
            ("health.command", definition.health?.command != nil),
            ("log.to", (log?.target ?? .files) != .files),
            ("log.max_bytes", log?.maximumBytes != nil), ("log.max_age_s", log?.maximumAgeSeconds != nil),
            ("log.keep", log?.keep != nil), ("log.fresh", log?.fresh == true), ("tty", definition.tty?.isOn == true),
            ("network", definition.network == .private),
            ("web.ports", definition.web?.ports?.values.contains(0) == true),
        ]
        guard let (wish, _) = wishes.first(where: \.1) else { return }
        throw WireError(
            .invalidParameters,
            "cannot use \(wish) for \(Name.quoted(id)): it runs in the process that adds it, which xpmd neither starts nor stops",
            data: ["parameter": .string("definition.\(wish)")])
    }

    /// Its host says when it is ready, unless the definition knows another condition.
    static func readiness(_ wish: Readiness?) -> Readiness {
        var readiness = wish ?? Readiness()
        let isConditional =
            readiness.http != nil || readiness.tcp != nil || readiness.unix != nil || readiness.delaySeconds != nil
        readiness.notify = readiness.notify ?? !isConditional
        return readiness
    }
}
