import XPMProtocol

extension Session {
    /// Asks for a restart. Where the answer was lost the record tells whether it was carried out; it is asked for again where not.
    public func restart(_ request: RestartService) throws(WireError) -> ServiceRecord {
        let before = try call(GetService(request.service)).service
        var request = request
        // The name may mean another service by the time of a second look.
        request.service = ServiceReference(before.identity)
        while true {
            do { return try call(request) } catch {
                guard error.code == .connectionLost else { throw error }
                let now = try call(GetService(request.service)).service
                if now.wasRestarted(since: before) { return now }
            }
        }
    }
}

extension ServiceRecord {
    /// Whether a restart was asked for since `before` was read.
    public func wasRestarted(since before: ServiceRecord?) -> Bool {
        guard let before, revision == nil || revision != before.revision else { return false }
        // Of a composite the parts are restarted, and it has no attempts of its own.
        return attempt == nil || attempt != before.attempt || state == .stopping && wanted
    }
}
