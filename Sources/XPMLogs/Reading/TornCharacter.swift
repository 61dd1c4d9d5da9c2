extension [UInt8] {
    /// How many bytes at the end are the beginning of a UTF-8 character whose rest is missing: 0 to 3. 0, too, where there is nothing else.
    public var tornCharacter: Int {
        for back in 1...3 where count > back {
            let byte = self[count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}
