/// Processes that the keeper has and that no service on record owns.
public struct ListStrays: Method {
    public static let name = "stray.list"

    /// All of them, ignored ones included.
    public init() {}

    /// The strays, in the order in which they were started.
    public struct Reply: Codable, Hashable, Sendable {
        public var strays: [StrayRecord]

        /// A list of strays.
        public init(strays: [StrayRecord]) { self.strays = strays }
    }
}
