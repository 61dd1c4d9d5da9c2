import SeededRandom
import Testing
import XPMProtocol

/// What no table can foresee: bytes of chance. Whatever they are, they are read or refused, and nothing traps.
@Suite struct MutationTests {
    @Test(arguments: UInt64(1)...16) func mutatedPayloadsAreReadOrRefused(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        for _ in 0..<40 {
            for vector in Vector.all {
                let payload = generator.mutation(of: vector.payload, with: Vector.all)
                do {
                    _ = try vector.rewrite(payload)
                } catch is UnstableWriting {
                    Issue.record("seed \(seed), \(vector.name): \(String(decoding: payload, as: UTF8.self))")
                } catch {
                    // Refused, as most are.
                }
            }
        }
    }

    @Test(arguments: UInt64(1)...16) func randomBytesAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let alphabet =
            Array("[]{}\":,\\u0123456789abcdeE+-. \ntrufalsn".utf8) + [0x00, 0x80, 0xC3, 0xE2, 0xED, 0xF0, 0xFF]
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            guard let value = try? Wire.decode(JSONValue.self, from: bytes) else { continue }
            #expect(try Wire.decode(JSONValue.self, from: Wire.encode(value)) == value, "seed \(seed): \(bytes)")
        }
    }

    @Test(arguments: UInt64(1)...16) func randomStreamsAreSplitOrRefused(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        for _ in 0..<500 {
            var splitter = FrameSplitter(limit: 40)
            var fed = 0
            var taken = 0
            do {
                for _ in 0..<20 {
                    let piece = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                        Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...50, using: &generator)
                    }
                    splitter.append(piece)
                    fed += piece.count
                    while let payload = try splitter.next() { taken += Frame.headerSize + payload.count }
                }
            } catch {
                #expect([.frameTooLarge, .parseError].contains(error.code), "seed \(seed)")
            }
            #expect(taken <= fed, "seed \(seed)")
        }
    }
}
