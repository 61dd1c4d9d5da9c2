import CPCRE2
import XPMProtocol

/// A regular expression for lines of text, by PCRE2. Compiling it and matching a line with it take bounded work, whatever they are.
public final class LinePattern: @unchecked Sendable {
    // Nothing writes to compiled code: the library's documentation has threads share it.
    private let code: OpaquePointer
    /// The groups named `url`; several alternatives may each have one.
    private let urlGroups: [Int]

    /// Compiles an expression. The fault is a clause for people, and a limit where it is over one.
    public init(_ text: String) throws(PatternFault) {
        guard text.utf8.count <= LogPattern.lengthLimit else {
            throw .tooLong(bytes: text.utf8.count)
        }
        code = try Self.compiled(text)
        urlGroups = Self.groups(named: "url", of: code)
        guard !Self.hasCallout(code) else { throw .unusable("it has a callout, (?C…)") }
    }

    deinit { pcre2_code_free_8(code) }

    /// Looks for the first place in a line that matches.
    public func match(_ line: [UInt8]) -> LineMatch {
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil),
            let context = pcre2_match_context_create_8(nil)
        else { return .tooCostly }
        defer {
            pcre2_match_data_free_8(data)
            pcre2_match_context_free_8(context)
        }
        MatchWork.limit(context)
        var work = MatchWork()
        let count = withUnsafeMutablePointer(to: &work) { work in
            pcre2_set_callout_8(context, { MatchWork.count($0, $1) }, work)
            return line.withUnsafeBufferPointer { line in
                pcre2_match_8(code, line.baseAddress, line.count, 0, 0, data, context)
            }
        }
        if count == PCRE2_ERROR_NOMATCH { return .none }
        // Also what cannot be, such as an error of the library's own, is no match.
        guard count > 0, let vector = pcre2_get_ovector_pointer_8(data) else { return .tooCostly }
        let groups = (0..<Int(pcre2_get_ovector_count_8(data))).map { Self.range(of: $0, vector, groups: Int(count)) }
        return .found(url: urlGroups.lazy.compactMap { groups[$0] }.first ?? groups.dropFirst().first ?? nil)
    }

    private static func range(of group: Int, _ vector: UnsafeMutablePointer<Int>, groups: Int) -> Range<Int>? {
        let (start, end) = (vector[2 * group], vector[2 * group + 1])
        // A group that took no part is unset; \K and lookbehinds may put a start behind its end.
        return group < groups && start >= 0 && start <= end ? start..<end : nil
    }
}

/// What a line gave.
public enum LineMatch: Hashable, Sendable {
    case none
    /// It matches; where in the line the group `url`, else the first group, stands, if it took part.
    case found(url: Range<Int>?)
    /// It was not found out within the limits of work, and counts as not matching.
    case tooCostly
}
