extension FieldSection {
    /// Notes what a field says, and refuses what could be read in two ways.
    @inline(__always) mutating func take(_ field: Field, in base: UnsafeRawPointer) throws(MessageError) {
        if field.name != .other { try interpret(field, in: base) }
        fields.append(field)
    }

    private mutating func interpret(_ field: Field, in base: UnsafeRawPointer) throws(MessageError) {
        guard !forbidden.contains(field.name) else { throw .forbiddenTrailer }
        let value = UnsafeRawBufferPointer(start: base + field.value.lowerBound, count: field.value.count)
        switch field.name {
        case .host:
            guard host == nil else { throw .repeatedHost }
            host = field.value
        case .contentLength:
            guard contentLength == nil else { throw .repeatedLength }
            guard Self.hasSpacesAlone(field, in: base) else { throw .malformedLength }
            contentLength = try Self.length(value)
        case .transferEncoding:
            guard !has(.transferEncoding) else { throw .repeatedTransferEncoding }
            // Exactly this: with any other coding, what reads it next may disagree (RFC 9112, 6.1).
            guard value.equalsIgnoringCase("chunked"), Self.hasSpacesAlone(field, in: base) else {
                throw .unsupportedTransferEncoding
            }
            isChunked = true
        case .connection: try readOptions(value)
        case .expect: expectsContinue = expectsContinue || value.equalsIgnoringCase("100-continue")
        default: break
        }
        names.insert(field.name)
    }

    /// Whether no HTAB stands around the value. It may (RFC 9110, 5.6.3), but llhttp takes `chunked` with one behind it
    /// for another coding.
    private static func hasSpacesAlone(_ field: Field, in base: UnsafeRawPointer) -> Bool {
        let line = UnsafeRawBufferPointer(start: base + field.line.lowerBound, count: field.line.count)
        return line.place(of: Alphabet.tab) == line.count
    }

    /// Digits alone (RFC 9110, 8.6): no sign, no list, nothing beyond 63 bits.
    private static func length(_ value: UnsafeRawBufferPointer) throws(MessageError) -> UInt64 {
        // 19 digits cannot overflow 64 bits.
        guard (1...19).contains(value.count) else { throw .malformedLength }
        var length: UInt64 = 0
        for byte in value {
            guard let digit = Alphabet.decimal(byte) else { throw .malformedLength }
            length = length &* 10 &+ UInt64(digit)
        }
        guard length <= UInt64(Int64.max) else { throw .malformedLength }
        return length
    }

    private mutating func readOptions(_ value: UnsafeRawBufferPointer) throws(MessageError) {
        connectionByteCount += value.count
        guard connectionByteCount <= Self.connectionByteLimit else { throw .tooManyConnectionOptions }
        for option in TokenList(value) {
            guard connectionOptionCount < Self.connectionOptionLimit else { throw .tooManyConnectionOptions }
            connectionOptionCount += 1
            if option.equalsIgnoringCase("close") {
                connection.insert(.close)
            } else if option.equalsIgnoringCase("keep-alive") {
                connection.insert(.keepAlive)
            } else if option.equalsIgnoringCase("upgrade") {
                connection.insert(.upgrade)
            } else {
                connection.insert(.fields)
            }
        }
    }
}
