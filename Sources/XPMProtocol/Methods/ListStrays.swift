/// Processes that the keeper has and that no service on record owns.
public struct ListStrays: Method {
    public static let name = "stray.list"
    public static var isQuestion: Bool { true }

    /// All of them, ignored ones included.
    public init() {}

    /// The strays, in the order in which they were started.
    public struct Reply: Codable, Hashable, Sendable {
        public var strays: [StrayRecord]
        /// Why something is missing, in a sentence for each process that does not answer; nil where all did.
        public var faults: [String]?

        /// A list of strays.
        public init(strays: [StrayRecord], faults: [String]? = nil) {
            self.strays = strays
            self.faults = faults
        }
    }
}
