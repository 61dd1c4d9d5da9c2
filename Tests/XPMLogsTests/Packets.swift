import CLinux
import Glibc

@testable import XPMLogs

func connectTo(_ socket: OpenFile, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(socket.descriptor, address, length)
}

func sendPacket(_ socket: OpenFile, _ bytes: [UInt8]) -> Int32 {
    xpm_send_packet(socket.descriptor, bytes, UInt(bytes.count), -1)
}

/// The length of the next packet, 0 at the end.
func receivePacket(_ socket: OpenFile) throws -> Int {
    try awaitReadable(socket.descriptor, "a packet")
    var bytes = [UInt8](repeating: 0, count: 1000)
    var file: Int32 = -1
    return max(xpm_receive_packet(socket.descriptor, &bytes, UInt(bytes.count), &file), 0)
}
