import NIOCore

/// A request that is not answered yet, as its connection counts it: the room that its reply is to have.
final class OpenRequest {
    /// Bytes that count for a reply where nobody says more.
    static let usualRoom = 1 << 10

    private let account: any ReplyAccount
    private var room = 0
    private var isHolding = false

    init(_ account: any ReplyAccount) {
        self.account = account
        take(Self.usualRoom)
    }

    deinit {
        take(0)
        letOthersGo()
    }

    /// Changes the room that is kept for the reply; none once it has been sent.
    func take(_ bytes: Int) {
        guard bytes != room else { return }
        account.promise(bytes - room)
        room = bytes
    }

    /// Has the requests behind it wait for its answer, at most for `time`.
    func holdOthers(for time: TimeAmount) {
        guard !isHolding else { return }
        isHolding = true
        account.hold(for: time)
    }

    func letOthersGo() {
        guard isHolding else { return }
        isHolding = false
        account.letGo()
    }

    /// Does something whose reply may have `bytes`, once there is room for that.
    func withRoom(for bytes: Int, _ body: @escaping () -> Void) { account.wait(forRoom: bytes, for: self, body) }
}

/// Where the replies that a connection still has to send are counted.
protocol ReplyAccount: AnyObject {
    /// So many bytes more, or with a negative number less, are to be sent.
    func promise(_ bytes: Int)
    func wait(forRoom bytes: Int, for request: OpenRequest, _ body: @escaping () -> Void)
    /// A request has those behind it wait, at most for `time`, until `letGo`.
    func hold(for time: TimeAmount)
    func letGo()
}
