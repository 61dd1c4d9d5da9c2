import Testing
import XPMProtocol

/// A method's type with its name and what a test does with it, the type itself forgotten.
struct MethodKind: Sendable, CustomTestStringConvertible {
    var name: String
    var typeName: String
    var isRepeatable: Bool
    /// Reads a request and writes it again.
    var rewriteRequest: @Sendable ([UInt8]) throws -> [UInt8]
    /// Reads a response and writes it again.
    var rewriteResponse: @Sendable ([UInt8]) throws -> [UInt8]

    var testDescription: String { name }

    private init<Kind: Method>(_ type: Kind.Type) {
        name = Kind.name
        typeName = "\(Kind.self)"
        isRepeatable = Kind.isRepeatable
        rewriteRequest = { try rewrite(Request<Kind>.self, $0) }
        rewriteResponse = { try rewrite(Response<Kind.Reply>.self, $0) }
    }

    /// All methods of the protocol; `MethodTests` compares the list with the sources.
    static let all: [MethodKind] = [
        MethodKind(Hello.self),
        MethodKind(OpenExperiment.self), MethodKind(CloseExperiment.self), MethodKind(ListExperiments.self),
        MethodKind(AddService.self), MethodKind(StartService.self), MethodKind(StopService.self),
        MethodKind(RestartService.self), MethodKind(SignalService.self),
        MethodKind(ReportActivity.self), MethodKind(RemoveService.self),
        MethodKind(PruneServices.self), MethodKind(GetService.self),
        MethodKind(ListServices.self), MethodKind(WaitService.self), MethodKind(ServiceLogs.self),
        MethodKind(ClearServiceLogs.self),
        MethodKind(NotifyHosted.self), MethodKind(EndHosted.self),
        MethodKind(WatchWorkspace.self), MethodKind(UnwatchWorkspace.self), MethodKind(ListWorkspaces.self),
        MethodKind(ListStrays.self), MethodKind(AdoptStray.self), MethodKind(StopStray.self),
        MethodKind(IgnoreStray.self),
        MethodKind(SubscribeEvents.self), MethodKind(ListEvents.self), MethodKind(ListTemplates.self),
        MethodKind(StartWeb.self), MethodKind(StopWeb.self), MethodKind(WebStatus.self),
        MethodKind(DaemonStatus.self), MethodKind(ReexecDaemon.self), MethodKind(StopDaemon.self),
    ]

    static func named(_ name: String?) throws -> MethodKind {
        guard let kind = all.first(where: { $0.name == name }) else { throw UnknownMethod(name: name) }
        return kind
    }
}

struct UnknownMethod: Error {
    var name: String?
}

/// Reads a value, writes it, and makes sure that what was written reads as the same value.
func rewrite<Value: Codable & Equatable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> [UInt8] {
    let value = try Wire.decode(type, from: bytes)
    let written = try Wire.encode(value)
    guard try Wire.decode(type, from: written) == value else { throw UnstableWriting(value: "\(value)") }
    return written
}

/// What was written reads as another value.
struct UnstableWriting: Error {
    var value: String
}

extension Vector {
    /// What a typed reader writes after reading `bytes` as a frame's payload of this vector's kind.
    func rewrite(_ bytes: [UInt8]) throws -> [UInt8] {
        switch kind {
        case .request: try MethodKind.named(method).rewriteRequest(bytes)
        case .response: try MethodKind.named(method).rewriteResponse(bytes)
        case .error: try XPMProtocolTests.rewrite(Response<Empty>.self, bytes)
        case .hostRequest: try XPMProtocolTests.rewrite(HostRequest.self, bytes)
        case .event: try XPMProtocolTests.rewrite(EventNotification.self, bytes)
        }
    }
}
