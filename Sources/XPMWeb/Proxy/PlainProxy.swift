import Glibc
import XPMHTTP

/// The engine before one backend, without sign-in or services: what `Benchmarks/run web` compares with other proxies.
package enum PlainProxy {
    /// Passes everything that comes to a port on to another one, until it is killed. Prints the port, which 0 leaves to the system.
    package static func run(port: UInt16, backend: UInt16) -> Int32 {
        do throws(SystemError) {
            let loop = try EventLoop()
            var request = RequestRewriting()
            request.forwarding = Forwarding(address: Array("127.0.0.1".utf8), scheme: Array("http".utf8))
            request.hop = HopMark(value: Array("benchmark".utf8))
            let backends = [BackendAddress.ipv4(port: backend)]
            let engine = Engine(on: loop) { exchange in
                exchange.forward(
                    Forward(
                        backends: backends, pool: "backend", request: request, response: ResponseRewriting(),
                        activity: nil, failed: { exchange, _ in exchange.answer(Answer(502)) }))
            }
            if case .ipv4(let port) = try engine.listen(at: .ipv4(port: port)) { print(port) }
            fflush(nil)
            loop.run()
            return EX_OK
        } catch {
            print(error)
            return EX_OSERR
        }
    }
}
