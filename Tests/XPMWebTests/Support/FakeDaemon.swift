import XPMProtocol

@testable import XPMWeb

/// xpmd as a function: every answer is the test's.
final class FakeDaemon: DaemonRequests {
    struct Call {
        var method: String
        var params: String
        var waits: Bool
    }

    final class Request: DaemonRequest {
        fileprivate(set) var isCancelled = false
        func cancel() { isCancelled = true }
    }

    private(set) var calls: [Call] = []
    private(set) var requests: [Request] = []
    private var pending: [(Request, (Result<[UInt8], WireError>) -> Void)] = []
    /// Nil for answers that the test gives later, by `answer`.
    var script: (Call) -> Result<String, WireError>? = { _ in nil }

    func request(
        _ method: String, params: [UInt8], waits: Bool, done: @escaping (Result<[UInt8], WireError>) -> Void
    ) -> any DaemonRequest {
        let call = Call(method: method, params: String(decoding: params, as: UTF8.self), waits: waits)
        calls.append(call)
        let request = Request()
        requests.append(request)
        if let result = script(call) { answers.append((request, result)) }
        pending.append((request, done))
        return request
    }

    private var answers: [(Request, Result<String, WireError>)] = []

    /// Gives the answers of the script, and those of what is asked because of them.
    func turn() {
        while !answers.isEmpty {
            let (request, result) = answers.removeFirst()
            answer(request, result)
        }
    }

    func answer(_ request: Request, _ result: Result<String, WireError>) {
        guard let place = pending.firstIndex(where: { $0.0 === request }) else { return }
        let (_, done) = pending.remove(at: place)
        if !request.isCancelled { done(result.map { Array($0.utf8) }) }
    }

    /// Answers what was asked last.
    func answer(_ result: Result<String, WireError>) { if let last = requests.last { answer(last, result) } }
}
