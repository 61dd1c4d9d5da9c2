import Glibc

/// Where work hangs until its test is over, and who has come to it.
final class Gate: @unchecked Sendable {
    // sem_t is only ever touched through its address.
    private let gate = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let come = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() {
        sem_init(gate, 0, 0)
        sem_init(come, 0, 0)
    }

    deinit {
        gate.deallocate()
        come.deallocate()
    }

    /// Comes, and does not hang.
    func pass() { sem_post(come) }

    /// Hangs.
    func hang() {
        sem_post(come)
        while sem_wait(gate) != 0 {}
    }

    /// Waits until so many hang.
    func await(_ count: Int = 1) { for _ in 0..<count { while sem_wait(come) != 0 {} } }

    /// Lets so many go.
    func open(_ count: Int = 1) { for _ in 0..<count { sem_post(gate) } }
}
