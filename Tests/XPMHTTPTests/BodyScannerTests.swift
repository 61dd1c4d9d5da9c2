import Testing

@testable import XPMHTTP

@Suite struct BodyScannerTests {
    /// What a scanner says of bytes that come at once.
    private struct Scanned: Equatable {
        var content = ""
        var count = 0
        var isEnd = false
        var error: MessageError?

        init(_ framing: BodyFraming, _ text: String, limits: BodyLimits = BodyLimits()) {
            var scanner = BodyScanner(framing, limits: limits)
            let bytes = Array(text.utf8)
            isEnd = scanner.isEnd
            do throws(MessageError) {
                while !isEnd, count < bytes.count {
                    let piece = try bytes[count...].withUnsafeBytes { buffer in
                        Result { () throws(MessageError) in try scanner.next(buffer) }
                    }.get()
                    content += String(
                        decoding: bytes[count...][
                            (count + piece.content.lowerBound)..<(count + piece.content.upperBound)], as: UTF8.self)
                    count += piece.count
                    isEnd = piece.isEnd
                }
            } catch {
                self.error = error
            }
        }
    }

    @Test(arguments: [
        (BodyFraming.length(0), "next", "", 0, true), (.length(4), "textnext", "text", 4, true),
        (.length(4), "tex", "tex", 3, false),
        (.untilClose, "text", "text", 4, false), (.opaque, "text", "text", 4, false),
        (.chunked, "0\r\n\r\nnext", "", 5, true), (.chunked, "4\r\ntext\r\n0\r\n\r\nnext", "text", 14, true),
        (.chunked, "3\r\nte\n\r\n1\r\n\r\r\n00\r\n\r\n", "te\n\r", 20, true),
        (.chunked, "a\r\n0123456789\r\n0\r\n\r\n", "0123456789", 20, true),
        (.chunked, "A\r\n0123456789\r\n0\r\n", "0123456789", 18, false),
        (.chunked, "0000000000000001\r\nx\r\n0\r\n\r\n", "x", 26, true),
        (.chunked, "1;a\r\nx\r\n0;b=c;d=\"e\\\";\tf\"\r\n\r\n", "x", 28, true),
        (.chunked, "0\r\nA: b\r\nC-d:\r\n\r\nnext", "", 17, true), (.chunked, "", "", 0, false),
    ])
    func endsWhereItEnds(_ framing: BodyFraming, _ text: String, _ content: String, _ count: Int, _ isEnd: Bool) {
        let scanned = Scanned(framing, text)
        #expect(scanned.error == nil)
        #expect(scanned.content == content && scanned.count == count && scanned.isEnd == isEnd)
    }

    @Test(arguments: [
        ("\r\n", MessageError.malformedChunk), ("x\r\n", .malformedChunk), ("0x1\r\nx\r\n", .malformedChunk),
        ("+1\r\n", .malformedChunk),
        ("-1\r\n", .malformedChunk), (" 1\r\n", .malformedChunk), ("1 \r\n", .malformedChunk),
        ("1\t\r\n", .malformedChunk),
        ("1_0\r\n", .malformedChunk), ("1,1\r\n", .malformedChunk), (";a\r\n", .malformedChunk),
        ("1\nx\r\n", .bareLineFeed),
        ("1\rx", .bareCarriageReturn), ("1\r\nx\n", .malformedChunk), ("1\r\nxy", .malformedChunk),
        ("1\r\nx\rx", .malformedChunk),
        ("1\r\nx0\r\n", .malformedChunk), ("1\r\n\r\n0\r\n", .malformedChunk), ("0\r\n\n", .bareLineFeed),
        ("0\r\n\rx", .bareCarriageReturn),
        ("1;\r\n", .malformedChunk), ("1; a\r\n", .malformedChunk), ("1 ;a\r\n", .malformedChunk),
        ("1;a=\r\n", .malformedChunk),
        ("1;a=\"b\r\n", .malformedChunk), ("1;a=\"b\"c\r\n", .malformedChunk), ("1;a\nb\r\n", .bareLineFeed),
        ("1;\n", .bareLineFeed),
        ("1;a=\"\n\"\r\n", .bareLineFeed), ("1;a\rb", .bareCarriageReturn), ("1;a\u{0}\r\n", .malformedChunk),
        ("1;;\r\n", .malformedChunk),
        ("00000000000000001\r\n", .chunkTooLarge), ("8000000000000000\r\n", .chunkTooLarge),
        ("ffffffffffffffff\r\n", .chunkTooLarge),
        ("10000000000000001\r\n", .chunkTooLarge),
        ("0\r\n a: b\r\n", .obsoleteFolding), ("0\r\na : b\r\n", .spaceBeforeColon), ("0\r\na: b\n", .bareLineFeed),
        ("0\r\nGET / HTTP/1.1\r\n", .spaceBeforeColon), ("0\r\n: b\r\n", .emptyFieldName),
        ("0\r\na: \u{0}\r\n", .controlCharacter),
        ("0\r\nContent-Length: 5\r\n", .forbiddenTrailer), ("0\r\nTransfer-Encoding: x\r\n", .forbiddenTrailer),
        ("0\r\nhost: x\r\n", .forbiddenTrailer), ("0\r\nX-FORWARDED-FOR: x\r\n", .forbiddenTrailer),
        ("0\r\nCookie: x\r\n", .forbiddenTrailer),
        ("0\r\nContent_Length: x\r\n", .forbiddenTrailer), ("0\r\nA: b\r\nHost: a\r\nx y", .forbiddenTrailer),
    ])
    func chunksAreStrict(_ text: String, _ error: MessageError) { #expect(Scanned(.chunked, text).error == error) }

    @Test func extensionsAndTrailersAreBounded() {
        let limits = BodyLimits(extensions: 10, trailers: 20, trailerFields: 2)
        let extended = { (count: Int) in "1;\(String(repeating: "a", count: count))\r\nx\r\n1;abcd\r\nx\r\n0\r\n\r\n" }
        #expect(Scanned(.chunked, extended(4), limits: limits).isEnd)
        #expect(Scanned(.chunked, extended(5), limits: limits).error == .chunkExtensionsTooLong)
        let trailer = { (count: Int) in "0\r\nA: \(String(repeating: "a", count: count))\r\n\r\n" }
        #expect(Scanned(.chunked, trailer(13), limits: limits).isEnd)
        #expect(Scanned(.chunked, trailer(14), limits: limits).error == .trailersTooLarge)
        #expect(Scanned(.chunked, "0\r\na:\r\nb:\r\n\r\n", limits: limits).isEnd)
        #expect(Scanned(.chunked, "0\r\na:\r\nb:\r\nc:\r\n", limits: limits).error == .tooManyFields)
        #expect(Scanned(.chunked, "0\r\na", limits: BodyLimits(trailers: 0)).error == .trailersTooLarge)
    }

    @Test func passesWholeChunksAsTheyAre() throws {
        var scanner = BodyScanner(.chunked)
        let bytes = Array("4\r\ntext\r\n2;a\r\nab\r\n0\r\nX: y\r\n\r\nGET".utf8)
        let piece = try bytes.withUnsafeBytes { try scanner.pass($0) }
        #expect(piece.count == bytes.count - 3 && piece.isEnd && piece.content == 0..<piece.count)
    }

    @Test func whatEndsEarlyIsAnError() throws {
        #expect(throws: MessageError.endsEarly) { try BodyScanner(.length(1)).finish() }
        #expect(throws: MessageError.endsEarly) { try BodyScanner(.chunked).finish() }
        try BodyScanner(.length(0)).finish()
        try BodyScanner(.untilClose).finish()
        try BodyScanner(.opaque).finish()
    }
}
