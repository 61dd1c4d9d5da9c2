import Synchronization
import XPMClient

/// Messages of other threads to the loop, which waits for `descriptor`.
final class Inbox: Sendable {
    private let messages = Mutex<[Message]>([])
    private let news: WakeUp

    init(_ news: WakeUp) { self.news = news }

    var descriptor: Int32 { news.descriptor }

    func put(_ message: Message) {
        messages.withLock { $0.append(message) }
        news.set()
    }

    func take() -> [Message] {
        messages.withLock { messages in
            news.clear()
            defer { messages = [] }
            return messages
        }
    }
}
