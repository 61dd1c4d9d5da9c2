import NIOCore
import XPMProtocol

@testable import XPMControl
@testable import XPMDaemon

extension FuzzTarget {
    /// The payload of a frame, as JSON and as every message of the protocol.
    static let messages = FuzzTarget(name: "messages") { bytes in
        let incoming = IncomingMessage(ByteBuffer(bytes: bytes), table: FuzzedMethod.table)
        guard let value = try? Wire.decode(JSONValue.self, from: bytes) else {
            guard case .request(let request) = incoming, case .failure = request.outcome else {
                throw Violation(description: "it does not hold that what is no JSON is refused")
            }
            return
        }
        // A number in a state dictionary is a text to the protocol, and not one value.
        if !value.hasStateDictionary { try FuzzedMethod.stable(value) }
        guard case .object(let members) = value else { return }
        if let name = members["method"]?.text, let method = FuzzedMethod.all.first(where: { $0.name == name }) {
            let isRead = try method.readsRequest(bytes)
            guard case .request(let request) = incoming else { return }
            let isTaken = if case .success = request.outcome { true } else { false }
            if isRead, members["jsonrpc"] == "2.0" {
                try require(isTaken, "the daemon takes what clients write: \(request.outcome)")
            }
            // Only the daemon takes null for parameters that are not needed.
            if isTaken, members["params"] != .null { try require(isRead, "clients read what the daemon takes") }
        }
        try FuzzedMethod.stable(HostRequest.self, bytes)
        try FuzzedMethod.stable(EventNotification.self, bytes)
        guard members["result"] != nil || members["error"] != nil else { return }
        for method in FuzzedMethod.all { try method.checkResponse(bytes) }
    }
}

/// A method's type with what is done with it, the type itself forgotten.
struct FuzzedMethod: Sendable {
    var name: String
    /// Whether it is a request; one that can be read is written and read again.
    var readsRequest: @Sendable ([UInt8]) throws -> Bool
    var checkResponse: @Sendable ([UInt8]) throws -> Void

    private init<Kind: Method>(_ type: Kind.Type) {
        name = Kind.name
        readsRequest = { try Self.stable(Request<Kind>.self, $0) }
        checkResponse = { try Self.stable(Response<Kind.Reply>.self, $0) }
    }

    static let table = HandlerTable<Daemon>.all

    /// All methods; a test compares them with the daemon's table.
    static let all: [FuzzedMethod] = [
        FuzzedMethod(Hello.self), FuzzedMethod(OpenExperiment.self), FuzzedMethod(CloseExperiment.self),
        FuzzedMethod(ListExperiments.self), FuzzedMethod(AddService.self), FuzzedMethod(StartService.self),
        FuzzedMethod(StopService.self), FuzzedMethod(RestartService.self), FuzzedMethod(SignalService.self),
        FuzzedMethod(RemoveService.self), FuzzedMethod(PruneServices.self), FuzzedMethod(GetService.self),
        FuzzedMethod(ListServices.self), FuzzedMethod(WaitService.self), FuzzedMethod(ServiceLogs.self),
        FuzzedMethod(ClearServiceLogs.self),
        FuzzedMethod(ReportActivity.self), FuzzedMethod(NotifyHosted.self), FuzzedMethod(EndHosted.self),
        FuzzedMethod(WatchWorkspace.self),
        FuzzedMethod(UnwatchWorkspace.self), FuzzedMethod(ListWorkspaces.self), FuzzedMethod(ListStrays.self),
        FuzzedMethod(AdoptStray.self), FuzzedMethod(StopStray.self), FuzzedMethod(IgnoreStray.self),
        FuzzedMethod(SubscribeEvents.self), FuzzedMethod(ListTemplates.self), FuzzedMethod(StartWeb.self),
        FuzzedMethod(StopWeb.self), FuzzedMethod(WebStatus.self), FuzzedMethod(DaemonStatus.self),
        FuzzedMethod(ListEvents.self), FuzzedMethod(ReexecDaemon.self), FuzzedMethod(StopDaemon.self),
    ]

    /// A value that can be read is written, and what was written reads as the same value and is written in the same way.
    @discardableResult
    static func stable<Value: Codable & Equatable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Bool {
        guard let value = try? Wire.decode(type, from: bytes) else { return false }
        try stable(value)
        return true
    }

    static func stable<Value: Codable & Equatable>(_ value: Value) throws {
        let written = try Wire.encode(value)
        guard let again = try? Wire.decode(Value.self, from: written) else {
            throw Violation(description: "it does not hold that \(Value.self) reads what it writes")
        }
        try require(again == value, "\(Value.self) reads as what was written")
        try require(try Wire.encode(again) == written, "\(Value.self) is written in one way")
    }
}

extension JSONValue {
    fileprivate var hasStateDictionary: Bool {
        switch self {
        case .object(let members): members.contains { $0.key == "state_dict" || $0.value.hasStateDictionary }
        case .array(let values): values.contains(where: \.hasStateDictionary)
        case .null, .bool, .integer, .number, .string: false
        }
    }
}
