extension FieldName {
    /// The name that these bytes are, which must be a token. Letters may be in either case.
    @inline(__always) init(recognizing name: UnsafeRawPointer, count: Int) {
        // Most are others, and are told by their length and first letter.
        let letter = UInt32(name.load(as: UInt8.self) & 0x1F)
        guard Self.firstLetters(ofLength: count) &>> letter & 1 != 0 else {
            self = .other
            return
        }
        self.init(comparing: name, count: count)
    }

    /// The letters that known names of a length begin with: `a` is the bit 1.
    @inline(__always) private static func firstLetters(ofLength count: Int) -> UInt32 {
        switch count {
        case 2: letters("t")
        case 3: letters("v")
        case 4: letters("h")
        case 5: letters("p")
        case 6: letters("c") | letters("e") | letters("o")
        case 7: letters("t") | letters("u")
        case 8: letters("l")
        case 9: letters("f") | letters("x")
        case 10: letters("c") | letters("k") | letters("s")
        case 13: letters("a")
        case 14: letters("c") | letters("h")
        case 15: letters("x")
        case 16, 18: letters("p") | letters("x")
        case 17: letters("t") | letters("x")
        case 19: letters("p")
        default: 0
        }
    }

    @inline(__always) private static func letters(_ letter: Unicode.Scalar) -> UInt32 { 1 &<< (letter.value & 0x1F) }

    @inline(never) private init(comparing name: UnsafeRawPointer, count: Int) {
        switch count {
        case 2: self = Self.match(name, "te", .te)
        case 3: self = Self.match(name, "via", .via)
        case 4: self = Self.match(name, "host", .host)
        case 5: self = Self.match(name, "proxy", .proxy)
        case 6: self = Self.match(name, "cookie", .cookie, "expect", .expect, "origin", .origin)
        case 7: self = Self.match(name, "upgrade", .upgrade, "trailer", .trailer)
        case 8: self = Self.match(name, "location", .location)
        case 9: self = Self.match(name, "forwarded", .forwarded, "x-real-ip", .xRealIP)
        case 10: self = Self.match(name, "connection", .connection, "set-cookie", .setCookie, "keep-alive", .keepAlive)
        case 13: self = Self.match(name, "authorization", .authorization)
        case 14: self = Self.match(name, "content-length", .contentLength, "http2-settings", .http2Settings)
        case 15: self = Self.match(name, "x-forwarded-for", .xForwardedFor)
        case 16:
            self = Self.match(
                name, "proxy-connection", .proxyConnection, "x-forwarded-host", .xForwardedHost, "x-forwarded-port",
                .xForwardedPort)
        case 17:
            self = Self.match(name, "transfer-encoding", .transferEncoding, "x-forwarded-proto", .xForwardedProto)
        case 18:
            self = Self.match(
                name, "x-forwarded-prefix", .xForwardedPrefix, "x-forwarded-server", .xForwardedServer,
                "proxy-authenticate", .proxyAuthenticate)
        case 19: self = Self.match(name, "proxy-authorization", .proxyAuthorization)
        default: self = .other
        }
    }

    @inline(__always) private static func match(
        _ name: UnsafeRawPointer, _ first: StaticString, _ firstName: FieldName, _ second: StaticString = "",
        _ secondName: FieldName = .other, _ third: StaticString = "", _ thirdName: FieldName = .other
    ) -> FieldName {
        let letter = name.load(as: UInt8.self) | 0x20
        if letter == first.utf8Start[0] {
            let found = matched(name, first, firstName)
            if found != .other { return found }
        }
        if second.utf8CodeUnitCount > 0, letter == second.utf8Start[0] {
            let found = matched(name, second, secondName)
            if found != .other { return found }
        }
        if third.utf8CodeUnitCount > 0, letter == third.utf8Start[0] { return matched(name, third, thirdName) }
        return .other
    }

    /// `found` where the bytes are those of `literal`, `disguised` where they are with `_` for `-`.
    @inline(__always) private static func matched(
        _ name: UnsafeRawPointer, _ literal: StaticString, _ found: FieldName
    ) -> FieldName {
        let count = literal.utf8CodeUnitCount
        let expected = UnsafeRawPointer(literal.utf8Start)
        guard count >= 8 else {
            // None of the short ones has a dash.
            for place in 1..<count {
                let byte = name.load(fromByteOffset: place, as: UInt8.self) | 0x20
                guard byte == expected.load(fromByteOffset: place, as: UInt8.self) else { return .other }
            }
            return found
        }
        var isDisguised = false
        var place = 0
        while true {
            // In a token, 0x20 more makes letters small, and changes neither digits nor the dash.
            let word = Scan.word(name, place) | 0x2020_2020_2020_2020
            let difference = word ^ Scan.word(expected, place)
            if difference != 0 {
                guard Self.isUnderscoresForDashes(word, difference) else { return .other }
                isDisguised = true
            }
            if place &+ 8 >= count { break }
            // The last word ends with the name, whatever of it was compared already.
            place = min(place &+ 8, count &- 8)
        }
        return isDisguised ? .disguised : found
    }

    /// Whether a word differs only by having `_` (0x7F by now) where a dash (0x2D) should be.
    @inline(never) private static func isUnderscoresForDashes(_ word: UInt64, _ difference: UInt64) -> Bool {
        for shift in stride(from: UInt64(0), to: 64, by: 8) where difference &>> shift & 0xFF != 0 {
            guard difference &>> shift & 0xFF == 0x7F ^ 0x2D, word &>> shift & 0xFF == 0x7F else { return false }
        }
        return true
    }
}
