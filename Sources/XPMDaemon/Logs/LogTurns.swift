import Glibc

/// Whose turn it is at which log, within the daemon: many may look at one, or one may change it. Logs that nobody is at
/// cost nothing.
final class LogTurns: @unchecked Sendable {
    static let shared = LogTurns()

    // Pthread's own: a turn is awaited by a worker thread, which is to sleep, and given back by any thread.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let ended = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// By path, how many look at a log; -1 while one changes it. Bound to the mutex, hence `@unchecked`.
    private var holders: [String: Int] = [:]

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(ended, nil)
    }

    deinit {
        pthread_cond_destroy(ended)
        pthread_mutex_destroy(mutex)
        ended.deallocate()
        mutex.deallocate()
    }

    /// Begins a turn, which `end` has to follow. False where it would have to wait and is not to.
    func begin(_ path: String, _ mode: LogLock.Mode, waits: Bool) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            let count = holders[path, default: 0]
            if mode == .shared ? count >= 0 : count == 0 {
                holders[path] = mode == .shared ? count + 1 : -1
                return true
            }
            guard waits else { return false }
            pthread_cond_wait(ended, mutex)
        }
    }

    func end(_ path: String) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let rest = max(0, holders[path, default: 0] - 1)
        holders[path] = rest > 0 ? rest : nil
        pthread_cond_broadcast(ended)
    }
}
