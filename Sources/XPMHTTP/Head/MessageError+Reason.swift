extension MessageError: CustomStringConvertible {
    public var description: String { reason }

    /// What is wrong, as the rest of a sentence that begins with "cannot read the request:" or "cannot read the
    /// response:". It has nothing of the message itself.
    public var reason: String {
        switch self {
        case .malformedMethod: "the method is not a token followed by one space"
        case .methodTooLong: "the method is too long"
        case .malformedTarget: "the target is not a valid path or URL"
        case .targetTooLong: "the target is too long"
        case .methodDoesNotFitTarget: "the method does not allow a target of this form"
        case .malformedVersion: "the first line does not end in an HTTP version"
        case .unsupportedVersion: "the HTTP version is neither 1.0 nor 1.1"
        case .malformedStatus: "the status is not a number of three digits"
        case .malformedInterim: "an interim response is of HTTP/1.0, or ends the connection"
        case .bareLineFeed: "a line has LF without CR at its end"
        case .bareCarriageReturn: "a CR is not followed by LF"
        case .controlCharacter: "a line has a control character"
        case .obsoleteFolding: "a header field continues on another line"
        case .emptyFieldName: "a header field has no name"
        case .spaceBeforeColon: "there is a space between the name of a header field and its colon"
        case .malformedFieldName: "the name of a header field is not a token"
        case .fieldNameTooLong: "the name of a header field is too long"
        case .headTooLarge: "the header is too large"
        case .tooManyFields: "there are too many header fields"
        case .tooManyConnectionOptions: "Connection has too many options"
        case .missingHost: "Host is missing"
        case .repeatedHost: "there are several Host fields"
        case .malformedHost: "Host is not a valid name or address with an optional port"
        case .hostDiffersFromTarget: "Host differs from the host of the target"
        case .malformedLength: "Content-Length is not a number"
        case .repeatedLength: "there are several Content-Length fields"
        case .lengthWithTransferEncoding: "there are both Content-Length and Transfer-Encoding"
        case .unsupportedTransferEncoding: "Transfer-Encoding is not exactly chunked"
        case .repeatedTransferEncoding: "there are several Transfer-Encoding fields"
        case .transferEncodingInOldVersion: "HTTP/1.0 has no Transfer-Encoding"
        case .contentWithConnect: "CONNECT has no content"
        case .contentWithoutBody: "this status has no content"
        case .unexpectedUpgrade: "it switches protocols without being asked"
        case .malformedChunk: "a chunk is malformed"
        case .chunkTooLarge: "a chunk is too large"
        case .chunkExtensionsTooLong: "the extensions of chunks are too long"
        case .trailersTooLarge: "the trailer section is too large"
        case .forbiddenTrailer: "a trailer field belongs into the header"
        case .endsEarly: "it ends in the middle"
        }
    }
}
