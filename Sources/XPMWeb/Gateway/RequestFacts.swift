import XPMHTTP

/// What the gateway decides by, out of a request's head.
struct RequestFacts {
    /// Where a browser says that a request comes from (Sec-Fetch-Site).
    enum Site { case own, foreign, untold }

    let method: XPMHTTP.Method
    /// Whether its Origin is another one than it asks.
    private(set) var hasForeignOrigin = false
    private(set) var site = Site.untold
    /// Whether a browser says that it opens a page (`Sec-Fetch-Mode: navigate`); nil where nothing is said.
    private(set) var navigates: Bool?
    /// Whether a page can be shown: the client takes HTML.
    private(set) var acceptsPage = false
    /// Whether a browser only guesses that somebody will want it.
    private(set) var isGuess = false
    /// Whether it has `X-XPM-Request`, which no other page can make a browser send.
    private(set) var hasRequestHeader = false
    /// Whether a program asks to wake the service, by `X-XPM-Wake: 1`.
    private(set) var wantsWake = false

    init(_ head: RequestHead, in bytes: UnsafeRawBufferPointer) {
        method = head.method
        for field in head.section.fields {
            if field.name == .origin {
                hasForeignOrigin = hasForeignOrigin || !Self.isOwn(field.value, head.section.host, in: bytes)
            }
            guard field.name == .other else { continue }
            let (name, value) = (field.nameRange.bytes(in: bytes), field.value.bytes(in: bytes))
            switch name.count {
            case 14 where name.isText("sec-fetch-mode"): navigates = value.isText("navigate") && navigates != false
            case 14 where name.isText("sec-fetch-site"):
                let isOwn = value.isText("same-origin") || value.isText("none")
                site = isOwn && site != .foreign ? .own : .foreign
            case 6 where name.isText("accept"): acceptsPage = acceptsPage || value.hasText("text/html")
            case 11 where name.isText("sec-purpose"), 7 where name.isText("purpose"): isGuess = true
            case 13 where name.isText("x-xpm-request"): hasRequestHeader = true
            case 10 where name.isText("x-xpm-wake"): wantsWake = value.isText("1")
            default: break
            }
        }
    }

    /// Whether it changes nothing by itself.
    var isSafe: Bool { method == .get || method == .head }

    /// Whether somebody opens a page: as browsers say, or old ones show.
    var isNavigation: Bool { navigates ?? (isSafe && acceptsPage) }

    /// Whether what it asks for may start a service: a person opens a page, or a program says so.
    var mayWake: Bool { isSafe && !isGuess && (navigates == true || wantsWake) }

    /// Why it is refused whoever sends it; nil where it is not.
    var refusal: String? {
        if hasForeignOrigin { return "it comes from a page of another origin" }
        if site == .foreign, !(navigates == true && isSafe) { return "it comes from a page of another site" }
        return nil
    }

    /// Whether Origin names the host that is asked, by http or https: `null` and others do not.
    private static func isOwn(_ origin: ByteRange, _ host: ByteRange?, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard let host = host?.bytes(in: bytes) else { return false }
        let origin = origin.bytes(in: bytes)
        for scheme: StaticString in ["http://", "https://"] {
            let count = scheme.utf8CodeUnitCount
            guard origin.count == count + host.count,
                UnsafeRawBufferPointer(rebasing: origin[..<count]).isText(scheme)
            else { continue }
            return zip(origin[count...], host).allSatisfy { Self.lowered($0) == Self.lowered($1) }
        }
        return false
    }

    fileprivate static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of a text in lower case, letters in either case.
    fileprivate func isText(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for place in 0..<count where RequestFacts.lowered(self[place]) != text.utf8Start[place] { return false }
        return true
    }

    /// Whether they have a text in lower case somewhere.
    fileprivate func hasText(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        return (0...count - length).contains { start in
            UnsafeRawBufferPointer(rebasing: self[start..<start + length]).isText(text)
        }
    }
}
