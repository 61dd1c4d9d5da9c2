/// Why a request was refused. Each has a name (`data.code` on the wire), a JSON-RPC number and an exit code of xpmctl.
public enum ErrorCode: String, Codable, CaseIterable, Sendable {
    // JSON-RPC's own.
    case parseError = "parse_error"
    case invalidRequest = "invalid_request"
    case unknownMethod = "unknown_method"
    case invalidParameters = "invalid_parameters"
    case internalError = "internal_error"
    // The connection.
    case frameTooLarge = "frame_too_large"
    case versionMismatch = "version_mismatch"
    case helloRequired = "hello_required"
    case helloTimeout = "hello_timeout"
    case shuttingDown = "shutting_down"
    // Names.
    case notFound = "not_found"
    case ambiguous = "ambiguous"
    case conflict = "conflict"
    case invalidName = "invalid_name"
    case notNormalRun = "not_normal_run"
    case unknownTemplate = "unknown_template"
    case invalidTemplate = "invalid_template"
    case templateParameter = "template_parameter"
    case dependencyCycle = "dependency_cycle"
    case notAWorkspace = "not_a_workspace"
    // Running.
    case startFailed = "start_failed"
    case commandNotFound = "command_not_found"
    case commandNotExecutable = "command_not_executable"
    case folderNotFound = "folder_not_found"
    case unsupported = "unsupported"
    case timedOut = "timed_out"
    case notStopped = "not_stopped"
    case dependencyFailed = "dependency_failed"
    case hostGone = "host_gone"
    case overtaken = "overtaken"
    // The store and the keeper.
    case storageFull = "storage_full"
    case storageFailed = "storage_failed"
    case keeperUnavailable = "keeper_unavailable"
    // Named, too.
    case limitExceeded = "limit_exceeded"
    // The file systems of services.
    case fileSystemUnresponsive = "file_system_unresponsive"
    // Running, too.
    case notRunning = "not_running"
    // How much is asked for at once.
    case tooManyRequests = "too_many_requests"
    case tooManyConnections = "too_many_connections"
    // Reading logs.
    case invalidCursor = "invalid_cursor"
    // Found by clients, never sent.
    case unreachable = "unreachable"
    case connectionLost = "connection_lost"
    case untrusted = "untrusted"

    /// The JSON-RPC error number.
    public var number: Int {
        switch self {
        case .parseError: -32700
        case .invalidRequest: -32600
        case .unknownMethod: -32601
        case .invalidParameters: -32602
        case .internalError: -32603
        case .frameTooLarge: -32001
        case .versionMismatch: -32002
        case .helloRequired: -32003
        case .helloTimeout: -32004
        case .shuttingDown: -32005
        case .notFound: -32010
        case .ambiguous: -32011
        case .conflict: -32012
        case .invalidName: -32013
        case .notNormalRun: -32014
        case .unknownTemplate: -32015
        case .invalidTemplate: -32016
        case .templateParameter: -32017
        case .dependencyCycle: -32018
        case .notAWorkspace: -32019
        case .startFailed: -32020
        case .commandNotFound: -32021
        case .commandNotExecutable: -32022
        case .folderNotFound: -32023
        case .unsupported: -32024
        case .timedOut: -32025
        case .notStopped: -32026
        case .dependencyFailed: -32027
        case .hostGone: -32028
        case .overtaken: -32029
        case .storageFull: -32030
        case .storageFailed: -32031
        case .keeperUnavailable: -32032
        case .limitExceeded: -32034
        case .fileSystemUnresponsive: -32035
        case .notRunning: -32036
        case .tooManyRequests: -32037
        case .tooManyConnections: -32038
        case .invalidCursor: -32039
        case .unreachable: -32040
        case .connectionLost: -32041
        case .untrusted: -32042
        }
    }

    /// What xpmctl exits with. 0 is success, 1 any other failure, 64 a command line that it cannot read.
    public var exitCode: Int32 {
        switch self {
        case .notFound, .unknownTemplate: 3
        case .ambiguous: 4
        case .startFailed, .commandNotFound, .commandNotExecutable, .folderNotFound, .unsupported, .dependencyFailed,
            .hostGone, .fileSystemUnresponsive:
            5
        case .timedOut, .helloTimeout: 6
        case .unreachable, .connectionLost, .shuttingDown, .untrusted: 7
        case .conflict, .notStopped, .overtaken, .notRunning: 8
        case .storageFull, .storageFailed, .keeperUnavailable, .tooManyRequests, .tooManyConnections: 9
        case .invalidName, .templateParameter, .invalidTemplate, .notNormalRun, .invalidParameters, .dependencyCycle,
            .notAWorkspace, .limitExceeded, .invalidCursor:
            10
        case .parseError, .invalidRequest, .unknownMethod, .internalError, .frameTooLarge, .versionMismatch,
            .helloRequired:
            1
        }
    }
}
