import Glibc

/// What errno says, as words.
func reason(_ code: Int32 = errno) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // strerror is not thread-safe, and Swift imports the XSI form of strerror_r.
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
