/// The words of the command line as they came: Swift replaces bytes that are not UTF-8 in silence, and another file would be meant.
enum ArgumentBytes {
    /// What is wrong with the first word that is no text.
    static var fault: String? {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let word = CommandLine.unsafeArgv[index], String(validatingCString: word) == nil else { continue }
            return "cannot read argument \(index), \(escaped(word)): it is not UTF-8"
        }
        return nil
    }

    /// The word with each byte that is not plain ASCII as `\\xNN`, which a shell's $'…' reads back.
    static func escaped(_ word: UnsafePointer<CChar>) -> String {
        var text = ""
        var place = word
        while place.pointee != 0 {
            let byte = UInt8(bitPattern: place.pointee)
            let digits = String(byte, radix: 16)
            text +=
                (0x20..<0x7f).contains(byte)
                ? String(UnicodeScalar(byte)) : "\\x" + (digits.count < 2 ? "0" : "") + digits
            place += 1
        }
        return "'\(text)'"
    }
}
