import Testing
import XPMProtocol

@Suite struct RefusalTests {
    @Test(arguments: RefusedVector.all) func badBytesAreRefusedWithTheirCode(vector: RefusedVector) {
        let reception = Reception(of: vector.stream)
        #expect(reception.error == vector.error)
        #expect(reception.id == vector.id)
        #expect(reception.closes == vector.closes)
    }

    @Test(arguments: Vector.all.filter { $0.kind == .request }) func goodRequestsAreNotRefused(vector: Vector) {
        let reception = Reception(of: vector.frame)
        #expect(reception.error == nil)
        #expect(reception.id != nil)
        #expect(!reception.closes)
    }

    @Test func refusedVectorsHaveNamesOfTheirOwn() {
        #expect(Set(RefusedVector.all.map(\.name)).count == RefusedVector.all.count)
    }
}
