extension ServiceLogs {
    /// The answer has the form of the question.
    public enum Reply: Codable, Hashable, Sendable {
        /// To a request with `stream`.
        case piece(Piece)
        /// To a request with `streams`.
        case page(Page)

        private enum Keys: String, CodingKey { case entries }

        public init(from decoder: any Decoder) throws {
            let isPage = try decoder.container(keyedBy: Keys.self).contains(.entries)
            self = isPage ? .page(try Page(from: decoder)) : .piece(try Piece(from: decoder))
        }

        public func encode(to encoder: any Encoder) throws {
            switch self {
            case .piece(let piece): try piece.encode(to: encoder)
            case .page(let page): try page.encode(to: encoder)
            }
        }

        /// The piece that was asked for.
        public var piece: Piece {
            get throws(WireError) {
                guard case .piece(let piece) = self else { throw Self.otherForm("a page instead of a piece") }
                return piece
            }
        }

        /// The page that was asked for.
        public var page: Page {
            get throws(WireError) {
                guard case .page(let page) = self else { throw Self.otherForm("a piece instead of a page") }
                return page
            }
        }

        private static func otherForm(_ what: String) -> WireError {
            WireError(.internalError, "cannot read the reply to \(ServiceLogs.name): it is \(what)")
        }
    }
}
