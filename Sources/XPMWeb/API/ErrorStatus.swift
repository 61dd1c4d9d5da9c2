import XPMProtocol

extension ErrorCode {
    /// The HTTP status of a refusal.
    var status: Int {
        switch self {
        case .parseError, .invalidRequest, .invalidParameters, .invalidName, .templateParameter, .limitExceeded,
            .invalidCursor:
            400
        case .notFound, .unknownTemplate, .unknownMethod: 404
        case .ambiguous, .conflict, .notStopped, .notRunning, .overtaken: 409
        case .frameTooLarge: 413
        case .notNormalRun, .invalidTemplate, .dependencyCycle, .notAWorkspace, .startFailed, .commandNotFound,
            .commandNotExecutable, .folderNotFound, .unsupported, .dependencyFailed, .hostGone:
            422
        case .tooManyRequests: 429
        case .internalError, .helloRequired, .storageFailed: 500
        case .versionMismatch, .connectionLost, .untrusted: 502
        case .unreachable, .shuttingDown, .keeperUnavailable, .tooManyConnections: 503
        case .timedOut, .helloTimeout, .fileSystemUnresponsive: 504
        case .storageFull: 507
        }
    }
}
