/// Finds the first byte that does not belong, many at a time.
///
/// Each looks at `[place, end)` alone and gives `end` where everything belongs.
enum Scan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    // Vectors, for a comparison with a number is not compiled to that of vectors.
    @inline(__always) private static var space: SIMD16<UInt8> { SIMD16(repeating: Alphabet.space) }
    @inline(__always) private static var delete: SIMD16<UInt8> { SIMD16(repeating: Alphabet.delete) }
    @inline(__always) private static var caseBit: SIMD16<UInt8> { SIMD16(repeating: 0x20) }
    @inline(__always) private static var a: SIMD16<UInt8> { SIMD16(repeating: 0x61) }
    @inline(__always) private static var lettersEnd: SIMD16<UInt8> { SIMD16(repeating: 26) }
    @inline(__always) private static var dash: SIMD16<UInt8> { SIMD16(repeating: Alphabet.dash) }
    @inline(__always) private static var hash: SIMD16<UInt8> { SIMD16(repeating: 0x23) }

    /// Behind the bytes that may be in a field's value, HTAB included.
    @inline(__always) static func text(_ base: UnsafeRawPointer, _ place: Int, _ end: Int) -> Int {
        var place = place
        while true {
            place = visible(base, place, end)
            guard place < end, base.load(fromByteOffset: place, as: UInt8.self) == Alphabet.tab else { return place }
            place &+= 1
        }
    }

    /// Behind the bytes that are neither control bytes nor DEL.
    @inline(__always) private static func visible(_ base: UnsafeRawPointer, _ place: Int, _ end: Int) -> Int {
        var place = place
        while place &+ 16 <= end {
            let bytes = base.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
            let found = words((bytes .< Self.space) .| (bytes .== Self.delete))
            if found.0 != 0 { return place &+ found.0.trailingZeroBitCount &>> 3 }
            if found.1 != 0 { return place &+ 8 &+ found.1.trailingZeroBitCount &>> 3 }
            place &+= 16
        }
        if place &+ 8 <= end {
            // DEL is the only byte of ASCII that becomes larger than 0x7F. Borrows and carries may find too much, then
            // the bytes are looked at one by one.
            let word = word(base, place)
            if ((word &+ ones) | (word &- ones &* 0x20)) & ~word & highs == 0 { place &+= 8 }
        }
        while place < end {
            let byte = base.load(fromByteOffset: place, as: UInt8.self)
            guard byte >= Alphabet.space, byte != Alphabet.delete else { return place }
            place &+= 1
        }
        return end
    }

    /// A mask as two words, the first bytes in the lowest places.
    @inline(__always) private static func words(_ mask: SIMDMask<SIMD16<Int8>>) -> (UInt64, UInt64) {
        let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return (UInt64(littleEndian: words[0]), UInt64(littleEndian: words[1]))
    }

    /// Behind the bytes that may be in a request's target: those of ASCII that are visible, without `#`.
    @inline(__always) static func target(_ base: UnsafeRawPointer, _ place: Int, _ end: Int) -> Int {
        var place = place
        while place &+ 16 <= end {
            let bytes = base.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
            let found = words((bytes .<= Self.space) .| (bytes .>= Self.delete) .| (bytes .== Self.hash))
            if found.0 != 0 { return place &+ found.0.trailingZeroBitCount &>> 3 }
            if found.1 != 0 { return place &+ 8 &+ found.1.trailingZeroBitCount &>> 3 }
            place &+= 16
        }
        while place < end {
            let byte = base.load(fromByteOffset: place, as: UInt8.self)
            guard byte > Alphabet.space, byte < Alphabet.delete, byte != 0x23 else { return place }
            place &+= 1
        }
        return end
    }

    /// Behind the bytes that may be in a token.
    @inline(__always) static func token(_ base: UnsafeRawPointer, _ place: Int, _ end: Int) -> Int {
        name(base, place, end, of: Alphabet.tokens)
    }

    /// Behind the bytes that may be in the name of a host.
    @inline(__always) static func host(_ base: UnsafeRawPointer, _ place: Int, _ end: Int) -> Int {
        name(base, place, end, of: Alphabet.hosts)
    }

    /// Behind the bytes of a table. Letters and dashes, of which most names are made, many at a time.
    @inline(__always) private static func name(
        _ base: UnsafeRawPointer, _ place: Int, _ end: Int, of table: UnsafePointer<UInt8>
    ) -> Int {
        var place = place
        while place &+ 16 <= end {
            let bytes = base.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
            let letters = (bytes | caseBit) &- a
            let found = words((letters .>= lettersEnd) .& (bytes .!= dash))
            if found.0 != 0 {
                place &+= found.0.trailingZeroBitCount &>> 3
            } else if found.1 != 0 {
                place &+= 8 &+ found.1.trailingZeroBitCount &>> 3
            } else {
                place &+= 16
                continue
            }
            guard table[Int(base.load(fromByteOffset: place, as: UInt8.self))] != 0 else { return place }
            place &+= 1
        }
        while place < end, table[Int(base.load(fromByteOffset: place, as: UInt8.self))] != 0 { place &+= 1 }
        return place
    }

    /// The place of the first `byte`.
    @inline(__always) static func first(_ byte: UInt8, _ base: UnsafeRawPointer, _ place: Int, _ end: Int) -> Int {
        var place = place
        while place &+ 8 <= end {
            let word = word(base, place) ^ (ones &* UInt64(byte))
            let found = (word &- ones) & ~word & highs
            if found != 0 { return place &+ found.trailingZeroBitCount &>> 3 }
            place &+= 8
        }
        while place < end, base.load(fromByteOffset: place, as: UInt8.self) != byte { place &+= 1 }
        return place
    }

    /// Eight bytes, the first one in the lowest place.
    @inline(__always) static func word(_ base: UnsafeRawPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
}
