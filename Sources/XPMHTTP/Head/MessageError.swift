/// Why a message is refused.
///
/// Whatever can be read in two ways is refused, never repaired: a proxy and what stands behind it must not differ about
/// where a message ends (RFC 9112, 11.2).
public enum MessageError: Error, Equatable, Sendable, CaseIterable {
    // The line that a message begins with.
    case malformedMethod, methodTooLong
    case malformedTarget, targetTooLong, methodDoesNotFitTarget
    case malformedVersion, unsupportedVersion
    case malformedStatus, malformedInterim
    // Lines.
    case bareLineFeed, bareCarriageReturn, controlCharacter
    // Fields.
    case obsoleteFolding, emptyFieldName, spaceBeforeColon, malformedFieldName, fieldNameTooLong
    case headTooLarge, tooManyFields, tooManyConnectionOptions
    // Where the message is meant for.
    case missingHost, repeatedHost, malformedHost, hostDiffersFromTarget
    // Where it ends.
    case malformedLength, repeatedLength, lengthWithTransferEncoding
    case unsupportedTransferEncoding, repeatedTransferEncoding, transferEncodingInOldVersion
    case contentWithConnect, contentWithoutBody, unexpectedUpgrade
    case malformedChunk, chunkTooLarge, chunkExtensionsTooLong
    case trailersTooLarge, forbiddenTrailer
    case endsEarly

    /// The status for a client whose request it is (RFC 9110, 15). A client whose backend's response it is gets 502.
    public var status: Int {
        switch self {
        case .targetTooLong: 414
        case .headTooLarge, .fieldNameTooLong, .tooManyFields, .tooManyConnectionOptions, .trailersTooLarge: 431
        case .methodTooLong, .unsupportedTransferEncoding: 501
        case .unsupportedVersion: 505
        case .malformedMethod, .malformedTarget, .methodDoesNotFitTarget, .malformedVersion, .malformedStatus,
            .malformedInterim,
            .bareLineFeed,
            .bareCarriageReturn, .controlCharacter, .obsoleteFolding, .emptyFieldName, .spaceBeforeColon,
            .malformedFieldName,
            .missingHost, .repeatedHost, .malformedHost, .hostDiffersFromTarget, .malformedLength, .repeatedLength,
            .lengthWithTransferEncoding, .repeatedTransferEncoding, .transferEncodingInOldVersion, .contentWithConnect,
            .contentWithoutBody, .unexpectedUpgrade, .malformedChunk, .chunkTooLarge, .chunkExtensionsTooLong,
            .forbiddenTrailer, .endsEarly:
            400
        }
    }
}
