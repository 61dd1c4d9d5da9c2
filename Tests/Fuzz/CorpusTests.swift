import FoundationEssentials
import Glibc
import SeededRandom
import Testing
import XPMProtocol

@testable import XPMControl

/// What libFuzzer has found worth keeping, and mutations of it: `make fuzz` looks further.
@Suite(.serialized) struct CorpusTests {
    /// How long all targets together are tried with mutations: `make test` sets it.
    private static let seconds = getenv("XPM_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 0
    private static let seed = SeededRandom.seed

    @Test(arguments: FuzzTarget.all) func corpusIsTaken(_ target: FuzzTarget) throws {
        let corpus = try Corpus(target)
        try #require(!corpus.inputs.isEmpty, "\(corpus.folder) is empty")
        for (name, input) in corpus.inputs {
            #expect(throws: Never.self, "\(corpus.folder)/\(name)") { try target.check(input) }
        }
    }

    @Test(.enabled(if: seconds > 0), arguments: FuzzTarget.all) func mutationsAreTaken(_ target: FuzzTarget) throws {
        let inputs = try Corpus(target).inputs.map(\.input)
        var random = SeededRandom(seed: Self.seed)
        let end = ContinuousClock.now + .seconds(Self.seconds / Double(FuzzTarget.all.count))
        // Before the first one: after a trap nothing is said, and XPM_TEST_SEED comes by it again.
        print("\(target): seed \(Self.seed)")
        var count = 0
        while ContinuousClock.now < end, let input = inputs.randomElement(using: &random) {
            let mutation = Array(random.mutation(of: input, with: inputs).prefix(target.lengthLimit))
            count += 1
            do {
                try target.check(mutation)
            } catch {
                Issue.record("\(error): seed \(Self.seed), mutation \(count): \(mutation)")
                return
            }
        }
        print("\(target): \(count) mutations")
    }

    @Test func everyMethodIsFuzzed() {
        #expect(Set(FuzzedMethod.all.map(\.name)) == Set(FuzzedMethod.table.entries.keys))
    }

    @Test func everyCorpusHasItsTarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Corpus.root).filter { !$0.hasPrefix(".") }
        // Where patterns are not yet fuzzed, their corpus waits.
        #expect(Set(folders).subtracting(["patterns"]).isSubset(of: FuzzTarget.all.map(\.name)))
    }
}

/// The inputs that are kept of a target.
private struct Corpus {
    static let root = "\(#filePath.dropLast("CorpusTests.swift".count))corpus"

    private struct Vectors: Decodable {
        struct Vector: Decodable {
            var name: String
            var frame: String?

            private enum CodingKeys: String, CodingKey {
                case name
                case frame = "frame_hex"
            }
        }
        var vectors: [Vector]
    }

    var folder: String
    var inputs: [(name: String, input: [UInt8])]

    init(_ target: FuzzTarget) throws {
        let folder = "\(Self.root)/\(target.name)"
        self.folder = folder
        inputs = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            (name, Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
        }
        if target.name == FuzzTarget.messages.name { inputs += try Self.vectors() }
    }

    /// The payloads of the protocol's golden vectors, which are no second time in the corpus.
    private static func vectors() throws -> [(name: String, input: [UInt8])] {
        let folder = "\(root)/../../../protocol/vectors"
        var inputs: [(name: String, input: [UInt8])] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))
            for vector in try Wire.decode(Vectors.self, from: bytes).vectors {
                guard let digits = vector.frame.map({ Array($0.utf8) }) else { continue }
                let frame: [UInt8] = stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
                    UInt8(String(decoding: digits[place..<(place + 2)], as: UTF8.self), radix: 16)
                }
                inputs.append(("\(file): \(vector.name)", Array(frame.dropFirst(Frame.headerSize))))
            }
        }
        return inputs
    }
}
