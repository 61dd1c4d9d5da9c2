/// Tells whether data passes in one direction of a WebSocket (RFC 6455, 5.2), or only pings, pongs and closes.
///
/// It only looks: bytes go on whatever it finds. It keeps 14 bytes at most. What is no WebSocket counts as data from
/// there on.
public struct WebSocketScanner: Sendable {
    private enum Stage: UInt8 { case first, second, length, mask, payload, foreign }

    private var stage = Stage.first
    private var isData = false
    private var isMasked = false
    private var remaining: UInt64 = 0
    private var pending: UInt8 = 0

    /// A scanner for one direction, from the first byte behind the heads on.
    public init() {}

    /// Whether the bytes have stopped being frames: all of them count as data.
    public var isForeign: Bool { stage == .foreign }

    /// Looks at the next bytes. True where some of them belong to a frame of data: text, binary, or what continues one.
    public mutating func hasData(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var found = false
        var place = 0
        while place < bytes.count {
            switch stage {
            case .foreign: return true
            case .payload:
                let count = min(UInt64(bytes.count - place), remaining)
                found = found || isData
                remaining -= count
                place += Int(count)
                if remaining == 0 { stage = .first }
            case .first, .second, .length, .mask:
                step(bytes[place])
                found = found || isData || stage == .foreign
                place += 1
            }
        }
        return found
    }

    /// Takes a byte of a frame's header.
    private mutating func step(_ byte: UInt8) {
        switch stage {
        case .first:
            let opcode = byte & 0x0F
            isData = opcode <= 2
            // Only the first of the reserved bits has a use, for compression of data; a control frame is never in
            // parts.
            let isControl = (8...10).contains(opcode) && byte & 0xF0 == 0x80
            stage = (isData && byte & 0x30 == 0) || isControl ? .second : .foreign
        case .second:
            isMasked = byte & 0x80 != 0
            let length = byte & 0x7F
            guard isData || length <= 125 else {
                stage = .foreign
                return
            }
            remaining = length <= 125 ? UInt64(length) : 0
            pending = length <= 125 ? 0 : length == 126 ? 2 : 8
            pending == 0 ? endLength() : (stage = .length)
        case .length:
            remaining = remaining << 8 | UInt64(byte)
            pending -= 1
            if pending == 0 { remaining > UInt64(Int64.max) ? (stage = .foreign) : endLength() }
        case .mask:
            pending -= 1
            if pending == 0 { endHeader() }
        case .payload, .foreign: break
        }
    }

    private mutating func endLength() {
        guard isMasked else { return endHeader() }
        (stage, pending) = (.mask, 4)
    }

    private mutating func endHeader() { stage = remaining == 0 ? .first : .payload }
}
