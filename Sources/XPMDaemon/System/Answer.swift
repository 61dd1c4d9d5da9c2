import CLinux
import Glibc

/// An answer that may never come, for the few who cannot go on without it and must not wait for ever.
final class Answer<Value: Sendable>: @unchecked Sendable {
    // Pthread's own, and what they guard, hence `@unchecked`.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let came = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value?

    private init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(came, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(came)
        pthread_mutex_destroy(mutex)
        came.deallocate()
        mutex.deallocate()
    }

    /// Does `body` on a thread of its own and waits for its outcome; nil where there is none within the time.
    static func awaited(seconds: CInt, _ body: @escaping @Sendable () -> Value) -> Value? {
        let answer = Answer()
        let code = DetachedThread.start {
            _ = xpm_own_descriptors()
            answer.give(body())
        }
        return code == 0 ? answer.await(seconds) : nil
    }

    private func give(_ value: Value) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        self.value = value
        pthread_cond_signal(came)
    }

    private func await(_ seconds: CInt) -> Value? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while value == nil, xpm_await(came, mutex, seconds) != ETIMEDOUT {}
        return value
    }
}
