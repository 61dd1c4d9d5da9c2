import CPCRE2

/// The work of one match: a fixed amount for each item of the pattern that is tried, and the bytes that one went over.
///
/// The library's own limits count anew for each place of a line at which a match may begin, and count no bytes.
struct MatchWork {
    private static let limit = 1 << 24
    private static let item = 256

    private var done = 0
    private var position = 0

    /// Counts a callout; other than 0 ends the match.
    static func count(_ block: UnsafeMutablePointer<pcre2_callout_block_8>?, _ work: UnsafeMutableRawPointer?) -> CInt {
        guard let block, let work = work?.assumingMemoryBound(to: MatchWork.self) else { return PCRE2_ERROR_MATCHLIMIT }
        let position = block.pointee.current_position
        work.pointee.done += item + max(0, position - work.pointee.position)
        work.pointee.position = position
        return work.pointee.done > limit ? PCRE2_ERROR_MATCHLIMIT : 0
    }

    /// The library's limits: of steps at one place, of how deep alternatives wait to be tried, and of memory for them.
    static func limit(_ context: OpaquePointer) {
        pcre2_set_match_limit_8(context, UInt32(limit / item))
        pcre2_set_depth_limit_8(context, UInt32(limit / item))
        pcre2_set_heap_limit_8(context, 16 << 10)
    }
}
