import Testing

@testable import XPMProtocol

@Suite struct ClampedArithmeticTests {
    private static let numbers: [Int64] = [.min, .min + 1, -7, -1, 0, 1, 7, 1 << 40, .max - 1, .max]

    private func nearest(_ number: Int128) -> Int64 { Int64(clamping: number) }

    @Test(arguments: numbers, numbers) func resultIsTheNearestNumberThatThereIs(left: Int64, right: Int64) {
        #expect(left.clampedSum(right) == nearest(Int128(left) + Int128(right)))
        #expect(left.clampedDifference(right) == nearest(Int128(left) - Int128(right)))
        #expect(left.clampedProduct(right) == nearest(Int128(left) * Int128(right)))
    }
}

@Suite struct BoundedTextTests {
    @Test(arguments: [
        ("abc", 5, "abc"), ("abc", 3, "abc"), ("abc", 2, "ab"), ("aé", 2, "a"), ("aé", 3, "aé"), ("é", 1, ""),
        ("abc", 0, ""),
    ])
    func textIsCutInBytesAtAScalar(text: String, limit: Int, expected: String) {
        #expect(text.prefix(bytes: limit) == expected)
        #expect("x\(text)".dropFirst().prefix(bytes: limit) == expected)
    }

    @Test func oneCharacterOfAMegabyteIsCut() {
        let text = "a" + String(repeating: "\u{301}", count: 500_000)
        #expect(text.prefix(bytes: 512).utf8.count == 511)
    }
}
