import XPMProtocol

/// When a service sleeps, checked.
struct IdlePlan: Hashable {
    /// What is asked whether it is busy.
    enum Probe: Hashable {
        case page(path: String, fields: [ActivityField])
        case command([String])
    }

    /// After so long without traffic.
    var after: Duration
    var probe: Probe?
    let seconds: Double

    private static let shortest = Duration.seconds(1)

    /// Nil where it never sleeps.
    init?(_ policy: IdlePolicy, id: String) throws(WireError) {
        let probe = try Self.probe(policy.probe, id: id)
        guard let seconds = policy.afterSeconds else { return nil }
        self.probe = probe
        self.seconds = seconds
        after = try .seconds(seconds, of: "the time without traffic")
        guard after >= Self.shortest else {
            throw WireError(
                .invalidParameters,
                "cannot stop \(Name.quoted(id)) after \(after.text) without traffic: the minimum is \(Self.shortest.text)"
            )
        }
    }

    private static func probe(_ wish: ActivityProbe?, id: String) throws(WireError) -> Probe? {
        guard let wish else { return nil }
        switch (wish.http, wish.command) {
        case (let page?, nil):
            guard case .page = try ProbePlan.page(HTTPProbe(path: page.path)) else { return nil }
            let fields = page.field.split(separator: ",").map { ActivityField($0) }
            guard !fields.isEmpty, !fields.contains(where: \.isEmpty) else {
                throw WireError(
                    .invalidParameters,
                    "cannot look for \(Name.quoted(page.field)) in a page: give names with dots between, such as '*.busy'"
                )
            }
            return .page(path: page.path, fields: fields)
        case (nil, let arguments?):
            return .command(try ServicePlan.checked(arguments, of: "the activity probe of \(Name.quoted(id))"))
        case (nil, nil), (_?, _?):
            throw WireError(
                .invalidParameters,
                "cannot ask whether \(Name.quoted(id)) is busy: give either http or command in idle.probe")
        }
    }
}

extension Duration {
    /// `30 min`, for people; the largest unit of which it is a whole number.
    var wholeText: String {
        guard components.attoseconds == 0, components.seconds > 0 else { return text }
        for (unit, name) in [(86400, "d"), (3600, "h"), (60, "min")] as [(Int64, String)]
        where components.seconds % unit == 0 {
            return "\(components.seconds / unit) \(name)"
        }
        return text
    }
}
