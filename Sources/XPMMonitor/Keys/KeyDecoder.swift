/// Bytes of a terminal to keys, pastes and the mouse. Whatever comes, it takes each byte once and keeps little.
struct KeyDecoder: Sendable {
    private var held: [UInt8] = []
    private var pasted: [UInt8]?

    private static let pasteEnd = Array("\u{1b}[201~".utf8)
    /// More of a paste is left out.
    static let pasteLimit = 64 << 10
    /// Longer than this no sequence is that a terminal sends for a key.
    private static let sequenceLimit = 32

    /// Whether an Esc waits for what may make a sequence of it: after a moment in which nothing comes, `flush` makes a key of it.
    var isWaiting: Bool { !held.isEmpty && pasted == nil }

    mutating func decode(_ bytes: some Sequence<UInt8>) -> [Input] {
        held += bytes
        var (inputs, place): ([Input], Int) = ([], 0)
        while place < held.count {
            if pasted != nil {
                guard let next = takePaste(from: place, &inputs) else { break }
                place = next
                continue
            }
            guard let (input, count) = Self.next(held[place...], isLast: false) else { break }
            place += count
            if input == .pasteBegins { pasted = [] } else if let input = input.input { inputs.append(input) }
        }
        held.removeFirst(place)
        return inputs
    }

    /// What was held back, as nothing follows.
    mutating func flush() -> [Input] {
        guard pasted == nil else { return [] }
        var inputs: [Input] = []
        while !held.isEmpty {
            guard let (input, count) = Self.next(held[...], isLast: true) else { break }
            held.removeFirst(count)
            if let input = input.input { inputs.append(input) }
        }
        held = []
        return inputs
    }

    /// Takes what belongs to a paste; the place behind it, nil where all is taken but what may be the beginning of its end.
    private mutating func takePaste(from place: Int, _ inputs: inout [Input]) -> Int? {
        let rest = held[place...]
        var end = rest.startIndex
        while end < rest.endIndex {
            if rest[end] == 0x1b {
                let mark = rest[end...].prefix(Self.pasteEnd.count)
                if mark.elementsEqual(Self.pasteEnd) {
                    keep(rest[..<end])
                    inputs.append(.paste(String(decoding: pasted ?? [], as: UTF8.self)))
                    pasted = nil
                    return end + Self.pasteEnd.count
                }
                if Self.pasteEnd.starts(with: mark) { break }
            }
            end += 1
        }
        keep(rest[..<end])
        held.removeSubrange(place..<end)
        return nil
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        let room = Self.pasteLimit - (pasted?.count ?? 0)
        if room > 0 { pasted?.append(contentsOf: bytes.prefix(room)) }
    }

    private enum Found: Hashable {
        case input(Input)
        case pasteBegins
        case nothing

        var input: Input? { if case .input(let input) = self { input } else { nil } }
        static func key(_ key: Key) -> Found { .input(.key(key)) }
    }

    /// The first input and its bytes; nil where more bytes are needed to know.
    private static func next(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> (Found, Int)? {
        guard let first = bytes.first else { return nil }
        switch first {
        case 0x1b: return sequence(bytes, isLast: isLast)
        case 0x0d, 0x0a: return (.key(.enter), 1)
        case 0x09: return (.key(.tab), 1)
        case 0x08, 0x7f: return (.key(.backspace), 1)
        case 0: return (.key(.control("@")), 1)
        case 1...26: return (.key(.control(Character(UnicodeScalar(first + 0x60)))), 1)
        case 28...31: return (.key(.control(Character(UnicodeScalar(first + 0x40)))), 1)
        case 0x20..<0x80: return (.key(.character(Character(UnicodeScalar(first)))), 1)
        default: return character(bytes, isLast: isLast)
        }
    }

    private static func character(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> (Found, Int)? {
        guard let first = bytes.first, (0xc2...0xf4).contains(first) else { return (.nothing, 1) }
        let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        let following = bytes.dropFirst().prefix(length - 1)
        if let wrong = following.firstIndex(where: { !(0x80...0xbf).contains($0) }) {
            return (.nothing, wrong - bytes.startIndex)
        }
        guard following.count == length - 1 else { return isLast ? (.nothing, bytes.count) : nil }
        guard let text = String(validating: bytes.prefix(length), as: UTF8.self), let character = text.first else {
            return (.nothing, length)
        }
        return (.key(.character(character)), length)
    }

    private static func sequence(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> (Found, Int)? {
        let start = bytes.startIndex
        guard bytes.count > 1 else { return isLast ? (.key(.escape), 1) : nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "O"):
            guard bytes.count > 2 else { return isLast ? (.key(.escape), bytes.count) : nil }
            return (.key(cursorKey(bytes[start + 2]) ?? .unknown), 3)
        case UInt8(ascii: "["):
            let body = bytes.dropFirst(2)
            if let end = body.firstIndex(where: { (0x40...0x7e).contains($0) }), end - start < sequenceLimit {
                return (control(body[..<end], bytes[end]), end - start + 1)
            }
            // What cannot become a sequence is dropped up to where it went wrong.
            if let wrong = body.firstIndex(where: { $0 < 0x20 || $0 > 0x7e }) { return (.nothing, wrong - start) }
            if bytes.count >= sequenceLimit || isLast { return (.nothing, bytes.count) }
            return nil
        // Esc twice, or before another key: each for itself.
        case 0x1b: return (.key(.escape), 1)
        // With Alt: no key of ours, and not that key without it.
        case 0x20..<0x7f: return (.key(.unknown), 2)
        default: return (.key(.escape), 1)
        }
    }

    /// `ESC [ body end`.
    private static func control(_ body: ArraySlice<UInt8>, _ end: UInt8) -> Found {
        if body.first == UInt8(ascii: "<") { return mouse(body.dropFirst(), end) }
        let numbers = body.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(number)
        guard end == UInt8(ascii: "~") else {
            if end == UInt8(ascii: "Z") { return .key(.backTab) }
            // Shift and Ctrl with an arrow are other keys.
            guard numbers.count < 2 else { return .key(.unknown) }
            return cursorKey(end).map(Found.key) ?? .key(.unknown)
        }
        guard numbers.count == 1 else { return .key(.unknown) }
        switch numbers.first ?? nil {
        case 1, 7: return .key(.home)
        case 3: return .key(.delete)
        case 4, 8: return .key(.end)
        case 5: return .key(.pageUp)
        case 6: return .key(.pageDown)
        case 200: return .pasteBegins
        // The end of a paste that never began.
        case 201: return .nothing
        default: return .key(.unknown)
        }
    }

    private static func cursorKey(_ byte: UInt8) -> Key? {
        switch byte {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "M"): .enter
        default: nil
        }
    }

    /// `ESC [ < button ; column ; row M`, or `m` for a release.
    private static func mouse(_ body: ArraySlice<UInt8>, _ end: UInt8) -> Found {
        let numbers = body.split(separator: UInt8(ascii: ";")).compactMap(number)
        guard numbers.count == 3, end == UInt8(ascii: "M") || end == UInt8(ascii: "m"), numbers[1] > 0, numbers[2] > 0
        else { return .nothing }
        let deed: Mouse.Deed
        // Shift, Alt and Ctrl (4, 8, 16) are left out.
        switch (numbers[0] & ~28, end == UInt8(ascii: "m")) {
        case (0, false): deed = .press
        case (0, true): deed = .release
        case (32, _): deed = .drag
        case (64, false): deed = .wheelUp
        case (65, false): deed = .wheelDown
        default: return .nothing
        }
        return .input(.mouse(Mouse(deed: deed, row: numbers[2] - 1, column: numbers[1] - 1)))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count < 6 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
