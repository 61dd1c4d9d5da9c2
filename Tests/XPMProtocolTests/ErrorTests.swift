import Testing
import XPMProtocol

@Suite struct ErrorTests {
    @Test func namesAndNumbersAreUnique() {
        #expect(Set(ErrorCode.allCases.map(\.rawValue)).count == ErrorCode.allCases.count)
        #expect(Set(ErrorCode.allCases.map(\.number)).count == ErrorCode.allCases.count)
    }

    @Test func exitCodesNeverMeanSuccessOrMisuse() {
        #expect(ErrorCode.allCases.allSatisfy { (1..<64).contains($0.exitCode) })
    }

    @Test(arguments: ErrorCode.allCases) func everyCodeComesBack(code: ErrorCode) throws {
        let error = WireError(code, "cannot do it", data: ["candidates": [1, .null], "service": ["state": "ERROR"]])
        #expect(try Wire.decode(WireError.self, from: Wire.encode(error)) == error)
    }

    @Test func nameWinsOverTheNumber() throws {
        let json = #"{"code":-32010,"data":{"code":"ambiguous"},"message":"m"}"#
        #expect(try Wire.decode(WireError.self, from: json.utf8).code == .ambiguous)
    }

    @Test func unknownNameGoesByTheNumber() throws {
        let json = #"{"code":-32010,"data":{"code":"later"},"message":"m"}"#
        #expect(try Wire.decode(WireError.self, from: json.utf8).code == .notFound)
    }

    @Test(arguments: [
        (1, 1, 1), (1, 9, 1), (0, 1, 1), (-5, 100, 1),
    ]) func newestCommonVersionIsAgreed(min: Int, max: Int, agreed: Int) throws {
        #expect(try ProtocolVersion.agreed(with: VersionRange(min: min, max: max)) == agreed)
    }

    @Test(arguments: [(2, 3), (0, 0), (-5, -1), (5, 1), (Int.max, Int.min)]) func noCommonVersionIsAMismatch(
        min: Int, max: Int
    ) throws {
        let refusal = try #require(throws: WireError.self) {
            try ProtocolVersion.agreed(with: VersionRange(min: min, max: max))
        }
        #expect(refusal.code == .versionMismatch)
        #expect(refusal.data == ["min": 1, "max": 1])
    }
}
