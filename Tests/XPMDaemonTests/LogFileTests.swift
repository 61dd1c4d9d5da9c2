import Glibc
import Testing

@testable import XPMDaemon

@Suite struct LogFileTests {
    private let scratch: Scratch
    private var path: String { "\(scratch.path)/log" }

    init() throws { scratch = try Scratch() }

    private func tail(_ text: String, _ lines: Int) throws -> String {
        unlink(path)
        try scratch.write("log", text)
        let piece = try LogFile.tail(path, lines: lines)
        #expect(piece.next == Int64(text.utf8.count))
        return String(decoding: piece.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", 3, ""), ("a\nb\nc\n", 2, "b\nc\n"), ("a\nb\nc", 2, "b\nc"), ("a\nb\nc\n", 3, "a\nb\nc\n"),
        ("a\nb\nc\n", 9, "a\nb\nc\n"), ("a\nb\nc\n", 1, "c\n"), ("a\nb\nc\n", 0, ""), ("\n\n\n", 2, "\n\n"),
        ("\n", 1, "\n"),
        ("a", 1, "a"), ("a\n\n", 1, "\n"), ("a\r\nb\r\n", 1, "b\r\n"),
    ])
    func tailIsTheLastLines(text: String, lines: Int, expected: String) throws {
        #expect(try tail(text, lines) == expected)
    }

    /// Around the size of the blocks in which a tail is read.
    @Test(arguments: [-1, 0, 1], [1, 2])
    func tailFindsNewlinesAtTheEdgesOfBlocks(offset: Int, blocks: Int) throws {
        let long = String(repeating: "x", count: blocks * (64 << 10) + offset)
        #expect(try tail("first\n\(long)\n", 1) == "\(long)\n")
        #expect(try tail("first\n\(long)", 1) == long)
        #expect(try tail("first\n\(long)\nlast\n", 2) == "\(long)\nlast\n")
        #expect(try tail("first\n\(long)\nlast\n", 3) == "first\n\(long)\nlast\n")
    }

    @Test func tailOfAnEndlessLineIsBounded() throws {
        let piece = try LogFile.tail(
            try scratch.write("log", [UInt8](repeating: 120, count: 3 * LogFile.pieceLimit)), lines: 1)
        #expect(piece.bytes.count >= LogFile.pieceLimit && piece.bytes.count < LogFile.pieceLimit + 64 << 10)
        #expect(piece.next == Int64(3 * LogFile.pieceLimit))
    }

    @Test func readGivesPiecesFromAnyOffset() throws {
        try scratch.write("log", "0123456789")
        #expect(try LogFile.read(path, from: 0).bytes == Array("0123456789".utf8))
        #expect(try LogFile.read(path, from: 4, limit: 3) == .init(bytes: Array("456".utf8), next: 7))
        #expect(try LogFile.read(path, from: 8, limit: 30).bytes == Array("89".utf8))
        #expect(try LogFile.read(path, from: 10) == .init(bytes: [], next: 10))
        #expect(try LogFile.read(path, from: 1_000_000) == .init(bytes: [], next: 10))
    }

    @Test func readingOnFromTheNextOffsetLosesAndRepeatsNothing() throws {
        let content = (0..<5000).flatMap { Array("line \($0)\n".utf8) }
        try scratch.write("log", content)
        var read: [UInt8] = []
        while case let piece = try LogFile.read(path, from: Int64(read.count), limit: 777), !piece.bytes.isEmpty {
            read += piece.bytes
        }
        #expect(read == content)
    }

    @Test func missingFileIsEmpty() throws {
        #expect(try LogFile.read(path, from: 0) == .init(bytes: [], next: 0))
        #expect(try LogFile.tail(path, lines: 5) == .init(bytes: [], next: 0))
    }

    @Test func whatIsNoFileIsAnErrorThatNamesIt() throws {
        let fault = #expect(throws: LogFault.self) { try LogFile.read(scratch.path, from: 0) }
        #expect(fault?.code == EISDIR)
        #expect(fault?.path == scratch.path)
    }
}

@Suite struct TornCharacterTests {
    @Test(arguments: ["é", "€", "\u{1F600}"])
    func characterCutAnywhereIsLeftForTheNextPiece(character: String) {
        let bytes = Array("ab\(character)".utf8)
        for count in 3..<bytes.count { #expect(Array(bytes[..<count].withoutTorn) == Array("ab".utf8)) }
        #expect(Array(bytes.withoutTornCharacter) == bytes)
    }

    @Test(
        arguments: [[], [0x61], [0xC3], [0xE2, 0x82], [0x61, 0x80, 0x80, 0x80, 0x80], [0xFF], [0x61, 0x80]] as [[UInt8]]
    )
    func bytesThatAreNoBeginningOfACharacterStay(bytes: [UInt8]) {
        #expect(Array(bytes.withoutTornCharacter) == bytes)
    }
}

extension ArraySlice<UInt8> {
    fileprivate var withoutTorn: ArraySlice<UInt8> { Array(self).withoutTornCharacter }
}
