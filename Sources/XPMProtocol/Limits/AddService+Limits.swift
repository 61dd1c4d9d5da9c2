extension AddService {
    /// Refuses a request of which anything is over its limit, before any of it is compared or kept.
    public func checkLimits() throws(WireError) {
        try Limit.description.check(description, "description")
        try definition.checkLimits(at: "definition")
        guard let subServices else { return }
        try Limit.subServices.check(subServices.count, "sub_services")
        for (index, part) in subServices.enumerated() {
            try Limit.description.check(part.description, "sub_services[\(index)].description")
            try part.definition.checkLimits(at: "sub_services[\(index)].definition")
        }
    }
}

extension AdoptStray {
    /// Refuses a request of which anything is over its limit.
    public func checkLimits() throws(WireError) { try Limit.description.check(description, "description") }
}

extension StartService {
    /// Refuses a request of which anything is over its limit.
    public func checkLimits() throws(WireError) { try Limit.word.check(cause, "cause") }
}

extension ServiceLogs {
    /// Refuses a request of which anything is over its limit.
    public func checkLimits() throws(WireError) {
        try Limit.pattern.check(grep, "grep")
        try Limit.word.check(cursor, "cursor")
    }
}

extension ListServices {
    /// Refuses a request of which anything is over its limit.
    public func checkLimits() throws(WireError) { try Limit.named.check(services?.count ?? 0, "services") }
}

extension Hello {
    /// Refuses a request of which anything is over its limit.
    public func checkLimits() throws(WireError) { try Limit.word.check(client, "client") }
}
