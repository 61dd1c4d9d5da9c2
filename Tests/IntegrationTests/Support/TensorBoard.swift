import Glibc

/// The real TensorBoard: where it is installed, and a look at its page.
enum TensorBoard {
    /// The folder of its program: that of XPM_TEST_VENV, or of the virtual environment in the build folder.
    static let binaries =
        (getenv("XPM_TEST_VENV").map { String(cString: $0) } ?? Binaries.checkout + "/.build/venv") + "/bin"

    /// Fails where it is not installed, with what to do.
    static func require() throws {
        guard access(binaries + "/tensorboard", X_OK) == 0 else {
            throw TestFailure(
                """
                cannot find TensorBoard in \(binaries): `make test` installs it, or XPM_TEST_VENV names an environment \
                that has it
                """)
        }
    }

    /// The status line that a page answers with, `HTTP/1.1 200 OK`.
    static func statusLine(of url: String) throws -> String {
        // http://127.0.0.1:6006/services/tensorboard/
        let parts = url.split(separator: "/", maxSplits: 2)
        let authority = parts.count > 1 ? parts[1].split(separator: ":") : []
        guard parts.first == "http:", authority.count == 2, let port = UInt16(authority[1]) else {
            throw TestFailure("\(url) is no URL with a port")
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, String(authority[0]), &address.sin_addr) == 1 else {
            throw TestFailure("\(url) has no address in numbers")
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestFailure(cannot: "connect to \(url)") }
        let request = "GET /\(parts.count > 2 ? parts[2] : "") HTTP/1.0\r\nHost: \(parts[1])\r\n\r\n"
        guard send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else {
            throw TestFailure(cannot: "ask \(url)")
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1024)
        while !answer.contains(UInt8(ascii: "\r")) {
            guard try isReadable(descriptor, within: patience) else { throw TestFailure("\(url) does not answer") }
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        return String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }
}
