import Testing
import XPMClient

@testable import XPMWeb

struct DigestTests {
    /// FIPS 180-2, B.1.
    @Test func digestIsThatOfTheStandard() {
        #expect(
            Digest.sha256(Array("abc".utf8)).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
