import CPCRE2
import XPMProtocol

extension LinePattern {
    /// UTF, with the classes of Unicode; bytes that are no UTF-8 match nothing, and are safe. A callout before each item counts work.
    private static let options =
        PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT

    static func compiled(_ text: String) throws(PatternFault) -> OpaquePointer {
        guard let context = pcre2_compile_context_create_8(nil) else { throw .unusable("there is no memory for it") }
        defer { pcre2_compile_context_free_8(context) }
        pcre2_set_parens_nest_limit_8(context, UInt32(LogPattern.nestingLimit))
        pcre2_set_max_pattern_length_8(context, LogPattern.lengthLimit)
        var (fault, offset): (CInt, Int) = (0, 0)
        let bytes = Array(text.utf8)
        let code = bytes.withUnsafeBufferPointer { bytes in
            pcre2_compile_8(bytes.baseAddress, bytes.count, UInt32(options), &fault, &offset, context)
        }
        guard let code else {
            if fault == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP { throw .tooDeep }
            throw .unusable("\(message(fault)) at byte \(offset)")
        }
        return code
    }

    private static func message(_ fault: CInt) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = pcre2_get_error_message_8(fault, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<Int(count)], as: UTF8.self) : "error \(fault)"
    }

    /// The numbers of the groups of a name, in their order.
    static func groups(named name: String, of code: OpaquePointer) -> [Int] {
        var (first, last): (UnsafePointer<UInt8>?, UnsafePointer<UInt8>?) = (nil, nil)
        let size = name.withCString(encodedAs: UTF8.self) {
            pcre2_substring_nametable_scan_8(code, $0, &first, &last)
        }
        guard size > 0, var entry = first, let last else { return [] }
        var groups: [Int] = []
        // Each entry begins with the number of its group, two bytes.
        while entry <= last {
            groups.append(Int(entry[0]) << 8 | Int(entry[1]))
            entry += Int(size)
        }
        return groups.sorted()
    }

    /// Whether it has callouts of its own beside those that count work: they would mean nothing.
    static func hasCallout(_ code: OpaquePointer) -> Bool {
        // Automatic ones have the number 255.
        pcre2_callout_enumerate_8(code, { block, _ in block?.pointee.callout_number == 255 ? 0 : 1 }, nil) != 0
    }
}
