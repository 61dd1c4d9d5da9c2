extension ServiceLogs {
    /// Reads either form; what belongs to the other one, or cannot be asked for together, is refused: ignoring it would answer another
    /// question.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        service = try container.decode(ServiceReference.self, forKey: .service)
        stream = try container.decodeIfPresent(Stream.self, forKey: .stream)
        streams = try container.decodeIfPresent([Stream].self, forKey: .streams)
        lines = try container.decodeIfPresent(Int.self, forKey: .lines)
        offset = try container.decodeIfPresent(Int64.self, forKey: .offset)
        cursor = try container.decodeIfPresent(String.self, forKey: .cursor)
        waitSeconds = try container.decodeIfPresent(Double.self, forKey: .waitSeconds)
        since = try container.decodeIfPresent(Timestamp.self, forKey: .since)
        until = try container.decodeIfPresent(Timestamp.self, forKey: .until)
        attempt = try container.decodeIfPresent(UInt64.self, forKey: .attempt)
        lastAttempt = try container.decodeIfPresent(Bool.self, forKey: .lastAttempt)
        grep = try container.decodeIfPresent(String.self, forKey: .grep)
        partial = try container.decodeIfPresent(Bool.self, forKey: .partial)
        timestamps = try container.decodeIfPresent(Bool.self, forKey: .timestamps)
        if let (key, fault) = fault {
            throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: fault)
        }
    }

    /// The parameter that does not go with the others, and why.
    private var fault: (CodingKeys, String)? {
        guard let streams else {
            guard stream != nil else { return (.stream, "either 'stream' or 'streams' must be given") }
            let foreign: [(CodingKeys, Bool)] = [
                (.cursor, cursor != nil), (.attempt, attempt != nil), (.grep, grep != nil), (.partial, partial != nil),
            ]
            return foreign.first { $0.1 }.map { ($0.0, "it needs 'streams'") }
        }
        if stream != nil { return (.streams, "it cannot be given with 'stream'") }
        if streams.isEmpty { return (.streams, "at least one stream must be named") }
        if Set(streams).count < streams.count { return (.streams, "a stream is named twice") }
        if offset != nil { return (.offset, "it cannot be given with 'streams'; a page has 'cursor'") }
        if timestamps != nil { return (.timestamps, "it cannot be given with 'streams'; a page always has times") }
        if lines != nil, cursor != nil { return (.lines, "it cannot be given with 'cursor'") }
        if waitSeconds != nil, cursor == nil { return (.waitSeconds, "it needs 'cursor'") }
        if attempt != nil, lastAttempt == true { return (.attempt, "it cannot be given with 'last_attempt'") }
        return nil
    }
}
